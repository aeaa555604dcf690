-- Misuse must raise at the caller's own line.

local misuse = {}

-- f raises at a line of its own, and the message holds all the parts.
function misuse.raises(f, ...)
    local ok, message = pcall(f)
    assert(not ok, "nothing was raised")
    local info = debug.getinfo(f, "S")
    local file = info.short_src:match "[^/]+$":gsub("%p", "%%%0")
    local at = tonumber(tostring(message):match(file .. ":(%d+): "))
    assert(at and at >= info.linedefined and at <= info.lastlinedefined,
        "not raised at the caller's line: " .. tostring(message))
    for _, part in ipairs { ... } do
        assert(message:find(part, 1, true), message .. " lacks: " .. part)
    end
end

return misuse
