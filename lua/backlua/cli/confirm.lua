-- Asking before something is deleted: of a person at a terminal, never of a script.

local failure = require "backlua.cli.failure"
local C = require("backlua.ffi").C

local confirm = {}

-- Flags of a command that deletes, on its parser.
function confirm.configure(parser)
    parser:flag("--force", "Do not ask first.")
    parser:flag("--no-input", "Never ask: refuse where a person would be asked.")
end

local function is_person()
    return C.bt_is_terminal(0) == 1 and C.bt_is_terminal(2) == 1
end

-- Whether to go on: true; nil and a failure when the answer is not yes, or may not be asked for.
-- question: "remove bundle demo".
function confirm.ask(args, question)
    if args.force or not is_person() then
        return true
    elseif args.no_input then
        return nil, failure.usage("%s? --no-input forbids to ask; --force does it", question)
    end
    io.stderr:write(question, "? [y/N] ")
    local answer = (io.read "*l" or ""):lower()
    if answer == "y" or answer == "yes" then
        return true
    end
    return nil, { code = "strategy", message = "nothing was removed" }
end

-- "bundle a" or "bundles a, b" of names, for a question; plural: where it is not noun .. "s".
function confirm.named(noun, names, plural)
    return (#names == 1 and noun or plural or noun .. "s") .. " " .. table.concat(names, ", ")
end

return confirm
