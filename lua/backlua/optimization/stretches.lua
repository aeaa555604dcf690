-- A backtest over stretches of time that do not touch, each with an account of its own, and what
-- they come to as one account that goes on from stretch to stretch.
--
-- The joined result has metrics (of the whole), trades (of all, in order), returns (of the
-- sessions, a view), parts (the results of the stretches), hash, and free(). What only a single
-- run has (equity, orders, fills, ...) is in the parts.

local ffi = require "ffi"
local result_module = require "backlua.result"
local vector = require "backlua.vector"
local C = require("backlua.ffi").C

local makers = {}

function makers.trades(parts)
    local list = {}
    for _, part in ipairs(parts) do
        for _, trade in ipairs(part.trades) do
            list[#list + 1] = trade
        end
    end
    return list
end

function makers.returns(parts)
    local bars, at = 0, 0
    for _, part in ipairs(parts) do
        bars = bars + part.bars
    end
    local all = vector.allocate(bars)
    for _, part in ipairs(parts) do
        local returns, n = result_module.session_returns(part)
        ffi.copy(all + at, returns, n * 8)
        at = at + n
    end
    return vector.view(all, at)
end

function makers.metrics(parts)
    local list, metrics = ffi.new("const bt_result *[?]", #parts), {}
    for i, part in ipairs(parts) do
        list[i - 1] = result_module.engine(part)
    end
    local out = ffi.new("double[?]", C.BT_METRICS)
    local risk_free = result_module.job(parts[1]).config.risk_free
    C.bt_results_metrics(list, #parts, risk_free, out) -- fails for no part only
    for i = 0, C.BT_METRICS - 1 do
        metrics[ffi.string(C.bt_metric_name(i))] = out[i]
    end
    return metrics
end

function makers.hash(parts)
    local hashes = {}
    for i, part in ipairs(parts) do
        hashes[i] = part.hash
    end
    return require "backlua.sha256"(table.concat(hashes))
end

local function free(joined)
    for _, part in ipairs(joined.parts) do
        part:free()
    end
end

local meta = {
    __metatable = false,
    __index = function(joined, key)
        local make = makers[key]
        if make then
            local value = make(joined.parts)
            rawset(joined, key, value)
            return value
        elseif result_module.parts[key] then
            error(("result.%s: these are %d stretches of time, each a run of its own; there is "
                .. "result.parts[i].%s, and of all together result.metrics, result.trades and "
                .. "result.returns"):format(key, #joined.parts, key), 2)
        end
    end,
}

-- A joined result; nil, err when a stretch fails.
--     job     job.lua, whose dates are set for each stretch
--     spans   array of { start =, stop = }: instants, the end exclusive
--     run     function(): result of the job, or nil, err
return function(job, spans, run)
    local joined = setmetatable({ parts = {}, free = free }, meta)
    for i, span in ipairs(spans) do
        job.config.start, job.config["end"] = span.start, span.stop
        local result, err = run()
        if not result then
            free(joined)
            return nil, err
        end
        joined.parts[i] = result
    end
    return joined
end
