-- An optimisation or a study as one JSON object: manifest, best, trials, stats, result_hash. NaN is
-- null, an infinity the string "inf". Trials are written one by one.

local json = require "backlua.text.json"
local results_module = require "backlua.optimization.results"
local C = require "backlua.ffi".C

local STATS = { "trials", "computed", "duplicates", "infeasible", "failed", "resumed", "cached",
    "seconds", "pruned", "violated", "worker_seconds", "workers", "interrupted", "fenced",
    "policy" }

local function best_object(best)
    return best and json.object {
        { "trial", best.trial }, { "params", best.params }, { "score", best.score },
        { "metrics", best.metrics },
    }
end

local function stats_object(stats)
    local entries = {}
    for i, name in ipairs(STATS) do
        entries[i] = { name, stats[name] }
    end
    local audit = stats.audit
    entries[#entries + 1] = { "audit", audit and json.object {
        { "trials", audit.trials }, { "share", audit.share }, { "equal", not audit.difference },
    } }
    entries[#entries + 1] = { "cache", stats.cache }
    return json.object(entries)
end

local function write_trials(study, derive, emit)
    local all = {}
    for i = 1, C.bt_study_count(study) do
        all[i] = i - 1
    end
    require "backlua.cli.trial_json".write(study, all, emit, derive)
end

-- Write the object of results, and a newline at its end, through emit(text). more: array of { key,
-- value } that stand after best.
local function write(results, emit, more)
    local study = results_module.pointer(results)
    emit('{"manifest":' .. json.encode(results.manifest) .. ",\n")
    emit('"best":' .. json.encode(best_object(results.best)) .. ",\n")
    local front = require "backlua.cli.front"
    if front.is_several(results.manifest.objective) then
        emit('"front":' .. json.encode(front.json(results.front, results.manifest.objective))
            .. ",\n")
    end
    emit('"luck":' .. json.encode(results.luck) .. ",\n")
    for _, entry in ipairs(more or {}) do
        emit(('"%s":%s,\n'):format(entry[1], json.encode(entry[2])))
    end
    emit '"trials":['
    write_trials(study, results_module.derive(results), emit)
    emit "],\n"
    if results.stats then
        emit('"stats":' .. json.encode(stats_object(results.stats)) .. ",\n")
    end
    emit('"result_hash":' .. json.encode(results.result_hash) .. "}\n")
end

return write
