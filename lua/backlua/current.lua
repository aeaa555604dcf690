-- The backtest that Lua is inside of: what C lent for its duration.
--
-- One run is active per Lua state. Its pointers sit in one struct whose address never changes, so
-- compiled code serves every run; they never sit in a table that a script can reach. Between runs
-- all are NULL and assets is 0.

local ffi = require "ffi"
local C = require("backlua.ffi").C

local pointers = ffi.new [[struct {
    bt_run *run;
    bt_portal *portal;
    const bt_account *account;
    const bt_position *positions;
    int32_t assets;
}]]

-- context: the ctx of the run, nil between runs.
local current = { pointers = pointers }

-- Enter a run (bt_run *) whose ctx is given, or leave it with nil.
function current.bind(run, context)
    current.context = context
    current.start = nil
    if run then
        pointers.run, pointers.portal = run, C.bt_run_portal(run)
        pointers.account, pointers.positions = C.bt_run_account(run), C.bt_run_positions(run)
        pointers.assets = pointers.portal.assets
        current.start = tonumber(pointers.account.start) / 1e6
        current.first_row = pointers.portal.cursor + 1
    else
        pointers.run, pointers.portal, pointers.account, pointers.positions = nil, nil, nil, nil
        pointers.assets = 0
    end
end

return current
