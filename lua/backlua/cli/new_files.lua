-- The texts that `backlua new` writes. In the templates $NAME is the strategy's name as Lua writes
-- it, $FILE its file without .lua, $BUNDLE the bundle, $A and $B symbols of it.

local templates = require "backlua.cli.new_templates"

local GRID = [[
-- A search over the parameters of $FILE.lua.
--
--     backlua optimize $FILE_grid.lua
--     backlua optimize $FILE_grid.lua -j 2 --study $FILE

local opt = require "backlua.optimization"

return opt.ParallelOptimizer {
    strategy = "$FILE.lua",
    bundle = "$BUNDLE",
    param_space = opt.ParameterSpace {
        parameters = {
$PARAMETERS        },
    },
    objective = "sharpe_ratio",
}
]]

local SPEC = [[
-- What must hold of $FILE.lua. It ends with an error when something does not.
--
--     backlua $FILE_spec.lua

local backlua = require "backlua"

local function run(params)
    return assert(backlua.run { strategy = "$FILE.lua", bundle = "$BUNDLE", params = params })
end

local result = run()
assert(result.bars > 0, "there is no bar to decide at")
assert(result.fill_count > 0, "it never traded")
assert(result.hash == run().hash, "a second run came out differently")
assert(result.metrics.max_drawdown > -1, "it lost everything")

print "4 checks passed"
]]

local LUARC = [[
{
    "runtime.version": "LuaJIT",
    "workspace.library": ["$META"],
    "workspace.checkThirdParty": false,
    "diagnostics.globals": [
        "initialize", "handle_data", "before_trading_start", "analyze", "params"
    ]
}
]]

local LUACHECK = [[
std = "luajit"
max_line_length = 100
-- A strategy may define these as globals.
globals = { "initialize", "handle_data", "before_trading_start", "analyze", "params" }
]]

local function parameters_text(list)
    local lines = {}
    for i, p in ipairs(list) do
        lines[i] = ('            opt.DiscreteParameter { name = "%s", min_value = %d, '
            .. 'max_value = %d, step = %d },\n'):format(unpack(p))
    end
    return table.concat(lines)
end

--- The files of a strategy: array of { name, text }.
-- @param name of the strategy; template one of the names in new_templates; bundle; symbols: two;
--   meta: folder of the declarations for editors
return function(name, template, bundle, symbols, meta)
    local chosen = templates[template]
    local words = {
        NAME = name:gsub("-", "_"), FILE = name, BUNDLE = bundle, A = symbols[1],
        B = symbols[2], META = (meta:gsub('[\\"]', "\\%0")),
        PARAMETERS = parameters_text(chosen.parameters),
    }
    local function filled(text)
        return (text:gsub("%$(%u+)", words))
    end
    return {
        { name = name .. ".lua", text = filled(chosen.text) },
        { name = name .. "_grid.lua", text = filled(GRID) },
        { name = name .. "_spec.lua", text = filled(SPEC) },
        { name = ".luarc.json", text = filled(LUARC) },
        { name = ".luacheckrc", text = filled(LUACHECK) },
    }
end
