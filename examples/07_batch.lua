-- A batch script: your own program around the engine.
--
--     backlua examples/07_batch.lua demo
--     backlua examples/07_batch.lua demo 10 20 40
--
-- Look for: one line per backtest. A script is plain Lua with everything in reach; only the
-- strategy it runs is fenced in. Failures of the world come back as nil and an error with a code.

local backlua = require "backlua"

local bundle = arg[1] or "demo"
local folder = arg[0]:match "^(.*/)" or ""
local lookbacks = #arg > 1 and { unpack(arg, 2) } or { 10, 20, 30 }

for _, fast in ipairs(lookbacks) do
    local result, err = backlua.run {
        strategy = folder .. "01_sma_cross.lua",
        bundle = bundle,
        params = { fast = tonumber(fast) },
    }
    if not result then
        io.stderr:write(err.message, "\n")
        os.exit(1)
    end
    print(("fast %3d  return %8.1f %%  drawdown %6.1f %%  trades %d"):format(
        fast, 100 * result.metrics.total_return, 100 * result.metrics.max_drawdown,
        result.metrics.trades))
end
