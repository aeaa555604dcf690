-- A backtest in blocks of time: its score after each, for a pruner.

local ffi = require "ffi"
local errors = require "backlua.errors"
local C = require("backlua.ffi").C

local metrics = ffi.new("double[?]", C.BT_METRICS)

-- A watcher (run.lua) that reports the score after each block of a trial to its outcome.
--     outcome    bt_outcome *, says how many blocks and whether a score is of all so far or of the
--                block alone
--     metric     key of the metric that is the score
-- Blocks have the same number of bars, one more or less.
return function(outcome, metric)
    local id, count, block, from = C.bt_metric_find(metric), outcome.blocks, 0, 0

    local function pause_next(run)
        block = block + 1
        C.bt_run_pause_after(run, math.floor(block * C.bt_run_bars(run) / count))
    end

    return function(run)
        if block == 0 then
            pause_next(run)
            return true
        end
        if C.bt_run_metrics(run, outcome.apart ~= 0 and from or 0, metrics) ~= C.BT_OK then
            error(errors.native().message, 0)
        end
        from = math.floor(block * C.bt_run_bars(run) / count)
        if C.bt_outcome_step(outcome, metrics[id]) ~= 0 then
            return false
        end
        pause_next(run)
        return true
    end
end
