-- The engine's optimisation loop, run(spec) -> status, statistics (engine/host/optimize_lua.c), to
-- which the rates of the data cache are added.
--
-- The program has it built in. In a plain LuaJIT it comes with core.so, which has to be loaded as
-- a module for it; the FFI has loaded the same file for everything else.

local NAME = "backlua.optimize_run"

local function core_path()
    return os.getenv "BACKLUA_CORE" or package.searchpath("backlua.core", package.cpath)
end

if not package.preload[NAME] then
    local path = core_path()
    local open, message = package.loadlib(path or "core.so", "luaopen_backlua_core")
    if not open then
        error("backlua.optimization: core.so cannot be loaded: " .. message, 0)
    end
    open()
end

local run, rates = require(NAME), require "backlua.optimization.data_cache".rates

-- save: nil, or a function of the rates, called before the study's last commit.
return function(spec, save)
    local before = rates()
    -- What is collectable is collected before workers are forked: a file of ours that nobody closed
    -- would be closed in them by its number, which is that of something else there.
    function spec.forking()
        collectgarbage()
    end
    function spec.ending()
        spec.told = rates(before)
        if save then
            save(spec.told)
        end
    end
    local status, stats = run(spec)
    if stats then
        stats.cache = spec.told or rates(before)
    end
    return status, stats
end
