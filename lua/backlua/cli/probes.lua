-- Does compiled code compute what interpreted code computes? Small functions around what versions
-- of LuaJIT are known to have got wrong, each run in a loop until it is compiled, and once more by
-- the interpreter. What they return, to the bit, must be the same.

local probes = {}

-- Each: name, source of a function of the loop's counter, whose results are joined.
local SOURCES = {
    { "rounding of negative fractions",
        "return math.ceil(-0.9 + (i % 3) * 0), 1 / math.ceil(-i / 1e9)" },
    { "minimum of signed zeros",
        "local z = -0.0 * (i % 2) return 1 / math.min(z, 0), 1 / math.max(0, z)" },
    { "keys that are -0", "local t = { [0] = i } return t[-0.0 * i], t[0]" },
    { "keys that are not numbers", "local t, n = { i }, 0 / 0 return t[n * i] == nil, t[1]" },
    { "length beside stores",
        "local t = { 1, 2, 3 } t[4] = i local a = #t t[4] = nil return a, #t" },
    { "loads after stores", "local t = { x = i } local k = 'x' t[k] = i + 1 return t.x, t[k]" },
    { "fields that are removed",
        "local t = { a = 1, b = i } t.b = nil t.c = i return t.b == nil, t.c" },
    { "arguments by select",
        "return select(-1, i, i + 1), select('#', i, nil, nil), (select(2, i, i * 2))" },
    { "variable arguments",
        "local function f(...) local a, b, c = ... return a, b, c end return f(i), f(i, "
            .. "2)" },
    { "64-bit shifts",
        "local b = require 'bit' return tostring(b.lshift(1LL, i % 64)), "
            .. "tostring(b.arshift(-i * 1LL, 3))" },
    { "64-bit arithmetic",
        "local x = 0x7fffffffffffff00LL + i return tostring(x * 3), tostring(x / 7LL)" },
    { "narrowing to integers",
        "local x = 2147483647 + i % 3 return x, x - 2147483648, -x, x % 7" },
    { "bounds of arrays",
        "local t = {} for k = 1, 10 do t[k] = k end return t[i % 12], t[11], t[0]" },
    { "loops with fractional steps", "local n = 0 for x = 0, 1, 0.1 do n = n + x end return n" },
    { "loops to a number that is none",
        "local n = 0 for _ = 1, i > 0 and 0 / 0 or 9 do n = n + 1 end return n" },
    { "powers", "return (i / 3) ^ 2, 2 ^ -i, (-8) ^ (1 / 3) ~= (-8) ^ (1 / 3), i ^ 0.5" },
    { "remainders", "return -i % 7, i % -7, (i + 0.5) % 0.3, 5 % (1 / 0)" },
    { "concatenation", "local s = i .. ':' .. i / 2 return s .. s:sub(1, 2), #s" },
    { "comparisons with NaN", "local n = 0 / 0 * i return n < 1, n > 1, not (n <= 1), n ~= n" },
}

local ROUNDS = 400

local function text_of(...)
    local parts = {}
    for k = 1, select("#", ...) do
        local v = select(k, ...)
        parts[k] = type(v) == "number" and (v == v and ("%.17g"):format(v) or "nan") or tostring(v)
    end
    return table.concat(parts, " ")
end

local function results(body)
    local list = {}
    for i = 1, ROUNDS do
        list[i] = text_of(body(i))
    end
    return table.concat(list, "\n")
end

-- The function of a source, with a loop of its own around it so that it is what gets compiled.
local function compile(source)
    return assert(load(("local text_of = ... return function() local list = {} "
        .. "local function body(i) %s end for i = 1, %d do list[i] = text_of(body(i)) end "
        .. "return table.concat(list, '\\n') end"):format(source, ROUNDS)))(text_of)
end

local function interpreted(source)
    local f = assert(load("return function(i) " .. source .. " end"))()
    jit.off(f, true)
    jit.off(results, true)
    jit.off(text_of, true)
    return results(f)
end

--- Names of the probes.
function probes.names()
    local names = {}
    for i, probe in ipairs(SOURCES) do
        names[i] = probe[1]
    end
    return names
end

--- Whether a source computes the same both ways.
function probes.agrees(source)
    local compiled = compile(source)
    jit.on(text_of)
    local first = compiled()
    local second = compiled()
    return first == second and second == interpreted(source)
end

--- Run all of them and print those that differ.
function probes.main()
    print(#SOURCES .. " probes")
    for _, probe in ipairs(SOURCES) do
        if not probes.agrees(probe[2]) then
            print(probe[1])
        end
        io.stdout:flush()
    end
    print "\nend"
end

return probes
