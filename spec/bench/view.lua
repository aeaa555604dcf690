-- B3, B4: one history call against an empty FFI call, an element of a view against an
-- element of a raw pointer; nanoseconds, compiled.

local ffi = require "ffi"
local data = require "spec.bench.data"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 31
local CALLS, ELEMENTS, PASSES = 2e6, 6000, 200
local ELEMENT_ROUNDS = 8 * ROUNDS -- the ratio is near 1 and its budget near it

ffi.cdef "double bench_nothing(double x);"
local empty = ffi.load "build/bench/empty.so"

-- The measured loops run inside a strategy, at a bar late enough for the windows.
local strategy = {}
local seen = {}

function strategy.initialize(ctx)
    ctx.asset = ctx:symbols()[1]
    ctx.bars = 0
end

local function time(loop, count)
    local start = os.clock()
    local sink = loop()
    assert(sink == sink)
    return (os.clock() - start) / count * 1e9
end

-- The window's length changes from call to call, or the call would leave the loop.
local function history_calls(ctx, portal)
    local asset = ctx.asset
    return function()
        local sum = 0
        for i = 1, CALLS do
            sum = sum + #portal:history(asset, "close", 50 + i % 64, "1d", "array")
        end
        return sum
    end
end

local function empty_calls()
    local sum = 0
    for i = 1, CALLS do
        sum = sum + empty.bench_nothing(50 + i % 64)
    end
    return sum
end

-- A strategy's own loop over a window.
local function over_view(view)
    local sum = 0
    for _ = 1, PASSES do
        for i = 1, #view do
            sum = sum + view[i]
        end
    end
    return sum
end

local function over_pointer(pointer, n)
    local sum = 0
    for _ = 1, PASSES do
        for i = 0, n - 1 do
            sum = sum + pointer[i]
        end
    end
    return sum
end

function strategy.handle_data(ctx, portal)
    ctx.bars = ctx.bars + 1
    if ctx.bars ~= 6200 then
        return
    end
    local calls = history_calls(ctx, portal)
    seen.history = measure.alternate(ROUNDS, function()
        return time(calls, CALLS)
    end, function()
        return time(empty_calls, CALLS)
    end)
    local view = portal:history(ctx.asset, "close", ELEMENTS, "1d", "array")
    local pointer = view:ptr()
    assert(over_view(view) == over_pointer(pointer, ELEMENTS))
    seen.element = measure.alternate(ELEMENT_ROUNDS, function()
        return time(function() return over_view(view) end, PASSES * ELEMENTS)
    end, function()
        return time(function() return over_pointer(pointer, ELEMENTS) end, PASSES * ELEMENTS)
    end)
end

local job = grid.job(strategy, data.sma400(), { unsafe = true })
grid.run(job, { {} })

rows.add(seen.history, { id = "B3", what = "history of an array / empty FFI call", unit = "ns" })
rows.add(seen.element, { id = "B4", what = "element of a view / of a pointer", unit = "ns" })
