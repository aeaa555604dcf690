-- A backtest in blocks of time: its score after each, for a pruner.

local ffi = require "ffi"
local errors = require "backlua.errors"
local C = require("backlua.ffi").C

local metrics = ffi.new("double[?]", C.BT_METRICS)

local meta = {
    __metatable = false,
    __index = function(_, key)
        if require("backlua.result").parts[key] then
            error(("result.%s: under a pruner the objective is asked after each block of a "
                .. "backtest, when only result.metrics is known; score by metrics, or leave the "
                .. "pruner out"):format(key), 2)
        end
    end,
}

-- What an objective gets of a backtest that goes on: its metrics so far.
local function so_far()
    local list = {}
    for i = 0, C.BT_METRICS - 1 do
        list[ffi.string(C.bt_metric_name(i))] = metrics[i]
    end
    return setmetatable({ metrics = list }, meta)
end

-- A watcher (run.lua) that reports the score after each block of a trial to its outcome.
--     outcome    bt_outcome *, says how many blocks and whether a score is of all so far or of the
--                block alone
--     metric     key of the metric that is the score, or
--     score      function(result): number, or nil, message, of a result that has metrics alone
-- Blocks have the same number of bars, one more or less.
return function(outcome, metric, score)
    local id, count, block, from = C.bt_metric_find(metric), outcome.blocks, 0, 0

    local function pause_next(run)
        block = block + 1
        C.bt_run_pause_after(run, math.floor(block * C.bt_run_bars(run) / count))
    end

    local function score_of(run)
        if C.bt_run_metrics(run, outcome.apart ~= 0 and from or 0, metrics) ~= C.BT_OK then
            error(errors.native().message, 0)
        elseif not score then
            return metrics[id]
        end
        local value, message = score(so_far())
        return value or error(message, 0)
    end

    return function(run)
        if block == 0 then
            pause_next(run)
            return true
        end
        local value = score_of(run)
        from = math.floor(block * C.bt_run_bars(run) / count)
        if C.bt_outcome_step(outcome, value) ~= 0 then
            return false
        end
        pause_next(run)
        return true
    end
end
