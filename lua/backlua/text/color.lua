-- Colour, only where somebody sees it.
--
-- Off when the stream is no terminal, under TERM=dumb, NO_COLOR (not empty) or --no-color; on
-- whatever the stream with FORCE_COLOR or CLICOLOR_FORCE, unless NO_COLOR is set. Asked for each
-- stream on its own. Source: no-color.org, bixense.com/clicolors.

local C = require "backlua.ffi".C

local CODES = { bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

local color = { disabled = false } -- disabled: --no-color was given

local function set(name)
    local value = os.getenv(name)
    return value ~= nil and value ~= ""
end

local function forced(name)
    return set(name) and os.getenv(name) ~= "0"
end

-- Whether to colour what goes to a descriptor (1 stdout, 2 stderr).
function color.wanted(fd)
    if color.disabled or set "NO_COLOR" then
        return false
    elseif forced "FORCE_COLOR" or forced "CLICOLOR_FORCE" then
        return true
    end
    return os.getenv "TERM" ~= "dumb" and C.bt_is_terminal(fd) == 1
end

-- text in a style ("bold", "dim", "red", "green", "yellow", "cyan") when fd shows colour.
function color.paint(fd, style, text)
    if not color.wanted(fd) then
        return text
    end
    return "\27[" .. CODES[style] .. "m" .. text .. "\27[0m"
end

return color
