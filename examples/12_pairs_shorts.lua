-- A pair: sell the dear one short, buy the cheap one, in a margin account that charges for it.
--
--     backlua run examples/12_pairs_shorts.lua -b demo
--     backlua run examples/12_pairs_shorts.lua -b demo --param borrow=0.2
--     backlua run examples/12_pairs_shorts.lua -b demo --param maintenance=0.9
--
-- Look for: what borrowing costs (carry), and margin calls among the orders when the maintenance
-- margin is set so high that the account cannot bear a bad week.

local pairs_trade = {
    params = { a = "AAPL", b = "MSFT", n = 60, entry = 2, borrow = 0.03, maintenance = 0.3 },
}

function pairs_trade.initialize(ctx)
    ctx.a, ctx.b = ctx:symbol(ctx.params.a), ctx:symbol(ctx.params.b)
    ctx:set_margin {
        leverage = 2, maintenance = ctx.params.maintenance,
        borrow_rate = ctx.params.borrow, debit_rate = 0.06,
    }
end

-- How many deviations the ratio of the two stands from its mean.
local function score(ctx, data)
    local a = data:history(ctx.a, "close", ctx.params.n, "1d", "array")
    local b = data:history(ctx.b, "close", ctx.params.n, "1d", "array")
    local sum, squares, n, ratio = 0, 0, ctx.params.n, nil
    for i = 1, n do
        ratio = math.log(a[i] / b[i])
        sum, squares = sum + ratio, squares + ratio * ratio
    end
    local mean = sum / n
    return (ratio - mean) / math.sqrt(squares / n - mean * mean)
end

function pairs_trade.handle_data(ctx, data)
    local z = score(ctx, data)
    local side = z > ctx.params.entry and -1 or z < -ctx.params.entry and 1
    if side then
        ctx:order_target_percent(ctx.a, 0.8 * side)
        ctx:order_target_percent(ctx.b, -0.8 * side)
    elseif math.abs(z) < 0.5 then
        ctx:order_target(ctx.a, 0)
        ctx:order_target(ctx.b, 0)
    end
    ctx:record { z = z, carry = ctx.account.accrued_interest }
end

return pairs_trade
