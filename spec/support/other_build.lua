-- other_build(path): the program under test as another build of it, which differs in the id that
-- the linker made. Returns the path it was written to.

local child = require "spec.support.child"

return function(path)
    local id = child.run { "-e",
        'io.write(require "ffi".string(require "backlua.ffi".C.bt_build_id()))' }.out
    assert(id:find "^%x+$" and #id >= 32, id)
    local bytes = id:gsub("%x%x", function(hex) return string.char(tonumber(hex, 16)) end)
    local text = child.read(child.program)
    local at = assert(text:find(bytes, 1, true), "its id is not in the program")
    child.write(path, text:sub(1, at - 1) .. (text:byte(at) == 1 and "\2" or "\1")
        .. text:sub(at + 1))
    assert(os.execute("chmod +x " .. child.quote(path)) == 0)
    return path
end
