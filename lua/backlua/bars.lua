-- The loop over a run's bars. Each job loads this file anew and has loops of its own.
--
-- The compiler ties what it makes to the instructions of a function. In a loop that all jobs
-- shared, a second strategy would be a branch of the first one's code, and each of its bars would
-- begin with what the first one checks: twice the time of a bar of one asset.
--
-- run: the engine's; handle_data and before: the strategy's functions; enter(stage) says which one
-- is running. Each loop returns the status that ends the run or a stretch of it.

local native = require "backlua.ffi"

local C = native.C
local MORE, SESSION = C.BT_STEP_MORE, C.BT_STEP_SESSION

local bars = {}

-- Of a strategy without before_trading_start.
function bars.drive(run, ctx, data, handle_data)
    local status = C.bt_run_step(run)
    while status == MORE do
        handle_data(ctx, data)
        status = C.bt_run_step(run)
    end
    return status
end

-- With before_trading_start, which the engine says when to call.
function bars.drive_sessions(run, ctx, data, handle_data, before, enter)
    local status = C.bt_run_step(run)
    while status == MORE or status == SESSION do
        if status == SESSION then
            enter "before_trading_start"
            before(ctx, data)
            enter "handle_data"
        else
            handle_data(ctx, data)
        end
        status = C.bt_run_step(run)
    end
    return status
end

return bars
