--- What costs took: commission and slippage of the round trips of a result, as a share of what
-- those that won before them had won. NaN when none did.
--
-- A fill's slippage goes with its units, as commission does: a round trip has its part of that of
-- its entry and that of its exit, units of an entry before a split being fewer.

local C = require("backlua.ffi").C

-- Slippage a unit of each fill, by order and bar: an order trades once a bar at most.
local function slippage_of(r)
    local by_order = { [0] = {} } -- no order: a merger
    for i = 0, r.fills - 1 do
        local fill = r.fill[i]
        local bars = by_order[fill.order_id] or {}
        by_order[fill.order_id] = bars
        bars[fill.bar] = fill.slippage / math.abs(fill.amount)
    end
    return by_order
end

-- r: a bt_result.
return function(r)
    local each, costs, won = slippage_of(r), 0, 0
    for i = 0, r.trades - 1 do
        local t = r.trade[i]
        local until_bar = t.exit_phase == C.BT_PHASE_BEFORE and t.exit_bar - 1 or t.exit_bar
        local units = math.abs(t.amount)
        local bought = units / C.bt_result_splits(r, t.sid, t.entry_bar, until_bar)
        local cost = t.commission + bought * (each[t.entry_order][t.entry_bar] or 0)
            + units * (each[t.exit_order][t.exit_bar] or 0)
        costs, won = costs + cost, won + math.max(0, t.pnl + cost)
    end
    return won > 0 and costs / won or 0 / 0
end
