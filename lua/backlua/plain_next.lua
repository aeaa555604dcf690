-- next and pairs that compiled code does not enter, for a plain LuaJIT.
--
-- The compiler of Debian 12's LuaJIT sometimes cuts the pointer that a compiled next gives to 32
-- bits, and the process dies. The program mends that (engine/host/next.c); a plain LuaJIT is not
-- ours to mend. Loading this module replaces the globals next and pairs: a loop over pairs is
-- interpreted from then on.

local native_next, native_pairs = next, pairs

local function plain_next(t, key)
    return native_next(t, key)
end
jit.off(plain_next)

local function plain_pairs(t)
    local step, state, first = native_pairs(t)
    if step == native_next then
        step = plain_next
    end
    return step, state, first
end

local globals = getfenv(0)
globals.next, globals.pairs = plain_next, plain_pairs
