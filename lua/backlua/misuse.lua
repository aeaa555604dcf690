-- What ctx's methods say when they are called wrongly. All raise at `level` of their caller's
-- caller: 2 names the function that called the method, when the method itself calls these.

local ffi = require "ffi"
local assets = require "backlua.assets"
local current = require "backlua.current"
local C = require("backlua.ffi").C

local misuse = {}

local error, type, tostring = error, type, tostring

--- Raises: ctx:name called on something that is not the active ctx.
function misuse.wrong_self(self, name, level)
    if type(self) == "table" and debug.getmetatable(self) == require "backlua.context".meta then
        error(("ctx:%s: the run of this ctx has ended"):format(name), level + 1)
    end
    error(("ctx.%s: call it with a colon, ctx:%s(...)"):format(name, name), level + 1)
end

--- Raises at the caller of the method that calls this when self is not the active ctx.
function misuse.need_self(self, name)
    if self ~= current.context then
        misuse.wrong_self(self, name, 3)
    end
end

--- Raises: neither an asset nor a symbol.
function misuse.unknown_asset(asset, name, level)
    error(assets.unknown(name, asset), level + 1)
end

--- The sid of an asset or symbol; raises at the caller of the method that calls this.
function misuse.need_asset(asset, name)
    local sid = assets.sid_of[asset]
    if not sid then
        misuse.unknown_asset(asset, name, 3)
    end
    return sid
end

-- What a value is, for a message.
local function shown(value)
    return type(value) == "string" and require "backlua.text.quote"(value)
        or type(value) == "table" and "a table" or tostring(value)
end

--- Raises: a number was expected; `what` names the argument.
function misuse.no_number(value, name, what, level)
    error(("%s: %s must be a number, got %s"):format(name, what, shown(value)), level + 1)
end

--- Raises the engine's last refusal.
function misuse.refused(name, level)
    local message = ffi.string(C.bt_error_message())
    error(message:sub(1, #name + 1) == name .. ":" and message or name .. ": " .. message,
        level + 1)
end

return misuse
