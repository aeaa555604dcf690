-- Everything that a script can reach from a value: by indexing, by walking tables (keys too) and
-- through metatables that getmetatable shows. Calls visit(value, path) once per table, function,
-- thread, userdata and cdata.

return function(root, visit)
    local seen = {}
    local function walk(value, path)
        local kind = type(value)
        if kind == "nil" or kind == "number" or kind == "boolean" or kind == "string" then
            return
        elseif kind ~= "cdata" and seen[value] then -- cdata compares by content
            return
        end
        if kind ~= "cdata" then
            seen[value] = true
        end
        visit(value, path)
        if kind == "table" then
            for key, inner in next, value do
                walk(key, path .. "{key " .. tostring(key) .. "}")
                walk(inner, path .. "." .. tostring(key))
            end
            local meta = getmetatable(value)
            if type(meta) == "table" then
                walk(meta, path .. "{metatable}")
            end
        end
    end
    walk(root, "_G")
end
