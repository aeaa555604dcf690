-- The trials of a study or a walk-forward, from disk or from what `--json` wrote: a table with
-- manifest, trials, best, result_hash, and for a walk windows, oos, efficiency,
-- parameter_stability, aggregate, warnings (walk_results.lua).

local errors = require "backlua.errors"

local source = {}

local META = { "config", "strategy", "strategy_sha256", "bundle", "bundle_sha256", "start_date",
    "end_date", "space", "search", "options", "periods_per_year", "seed", "objective",
    "higher_is_better", "constraint", "engine", "luajit", "created", "windows", "given_bundle",
    "given_start_date", "given_end_date", "cpcv", "constraints", "pruner" }

local function entries_of(pointer)
    local meta, entries = require "backlua.optimization.study".meta, {}
    for _, key in ipairs(META) do
        local value = meta(pointer, key)
        entries[#entries + 1] = value and { key, value } or nil
    end
    return entries
end

-- A walk's windows and out-of-sample curve are not in its study: they follow from the script.
local function read_walk(name, manifest)
    if not manifest.config then
        return nil, errors.new("usage", ("study '%s' was made by a script of yours: write its "
            .. "results as JSON there, a report reads that"):format(name))
    end
    local optimizer, script = require "backlua.optimization.script".load(manifest.config)
    if not optimizer then
        return nil, script
    end
    return require "backlua.optimization.walk_forward".read(optimizer, {
        study = name, script = script,
        over = require "backlua.optimization.overrides".of_manifest(function(key)
            return manifest[key]
        end) })
end

local function read_study(name)
    local pointer, err = require "backlua.optimization.study".read(name)
    if not pointer then
        return nil, err
    end
    local manifest = require "backlua.optimization.manifest"(entries_of(pointer))
    if manifest.windows or manifest.cpcv then
        require "backlua.optimization.study".close(pointer)
        return read_walk(name, manifest)
    end
    return require "backlua.optimization.results".new(pointer, { manifest = manifest })
end

-- JSON has no NaN: a trial without a score has none.
local function restored(saved)
    for _, t in ipairs(saved.trials) do
        t.score, t.message = t.score or 0 / 0, t.message or ""
        t.seconds = t.seconds or 0 / 0
    end
    return saved
end

--- The source of a subject (subject.lua); nil, err.
function source.read(found)
    if found.saved then
        return restored(found.saved)
    end
    return read_study(found.name)
end

return source
