-- Run a text as a strategy file would be run, without a backtest around it.
--
--     local box = require "spec.support.sandboxed"
--     local ok, value = box("return type(io)")     -- what the text returns, or what it raises
--     box.printed                                  -- array of what it printed

local sandbox = require "backlua.sandbox"
local strategy = require "backlua.strategy"

local box = {}

-- The chunk's value (or nil, message). options: of sandbox.new; program: another program than the
-- text's own, to run the text beside a file.
function box.run(text, options, program)
    options = options or {}
    box.printed = {}
    options.print = options.print or function(line)
        table.insert(box.printed, line)
    end
    local loaded = program or assert(strategy.load("\n" .. text))
    local space = sandbox.new(loaded, options)
    box.env = space.env
    local chunk = loaded.chunk
    if program then
        chunk = assert(load(text, "=(text)", "t", {}))
    end
    setfenv(chunk, space.env)
    local previous = sandbox.activate(space)
    local ok, value = pcall(chunk)
    sandbox.activate(previous)
    return ok, value
end

return setmetatable(box, {
    __call = function(_, ...)
        return box.run(...)
    end,
})
