-- Starts busted under the interpreter that runs this file.
--
-- Debian's busted remembers ffi.typeof, cdef and metatype by their first argument
-- alone, so that ffi.typeof("struct { $ x; }", int8) answers for double as well.
-- Each spec file has a process of its own here (spec/run), which needs none of it.

package.path = "./?.lua;" .. package.path
package.preload["busted.luajit"] = function()
    return function() end
end

-- This is the interpreter already, whatever .busted says.
table.insert(arg, 1, "--ignore-lua")
-- Called through pcall, busted ends by os.exit instead of an error without message.
pcall(require "busted.runner", { standalone = false })
