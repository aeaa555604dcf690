-- What strategies do on every bar compiles: no construct that the compiler cannot do, no call that
-- leaves compiled code, in our modules or in the strategy.

local market = require "spec.support.market"
local profile = require "backlua.profile"
local runner = require "backlua.run"
local util = require "jit.util"
local vmdef = require "jit.vmdef"

-- The functions here run while traces are made: compiled, they would confuse the compiler.
jit.off(true, true)

-- Aborts that cost nothing but another attempt: the compiler looks for a better place to begin, or
-- meets a C function that was never called before.
local HARMLESS = { "leaving loop", "inner loop", "loop unroll limit", "down%-recursion",
    "return to lower frame", "symbol not in cache" }

local function reason_of(code, info)
    local text = vmdef.traceerr[code] or "?"
    if type(info) == "function" then
        local callee = util.funcinfo(info)
        info = callee.loc or callee.ffid and vmdef.ffnames[callee.ffid] or "C function"
    end
    return (text:gsub("%%[ds]", tostring(info)))
end

local function is_harmless(reason)
    for _, pattern in ipairs(HARMLESS) do
        if reason:find(pattern) then
            return true
        end
    end
    return false
end

-- file:line in our modules or the strategy; nil elsewhere (the test's own framework).
local function place(func, pc)
    local info = util.funcinfo(func, pc)
    local source = info.source or ""
    return (source:find "^@backlua/" or source == "=(text)") and (info.loc or source)
end

-- The one sort of the keys of a table: any function may be the first that is met when the counters
-- of the loops are full.
local function is_rare(where)
    return where:find "^ordered.lua:"
end

-- Where and why recording stopped between the words "go" and "stop" that a strategy prints, and
-- the traces that leave compiled code to call a C function ("stitch").
local function problems(strategy)
    local found, from = {}, nil
    local function watch(what, trace, func, pc, code, info)
        if what == "start" then
            from = place(func, pc)
        elseif what == "abort" then
            local reason = reason_of(code, info)
            if place(func, pc) and not is_harmless(reason) then
                found[#found + 1] = place(func, pc) .. ": " .. reason
            end
        elseif what == "stop" and from and not is_rare(from)
            and util.traceinfo(trace).linktype == "stitch" then
            found[#found + 1] = from .. ": stitch"
        end
    end
    local job = assert(runner.prepare { strategy = strategy, bundle = "market",
        end_date = "2003-12-31" })
    local result, err = runner.execute(job, nil, {
        print = function(word)
            if word == "go\n" then
                jit.flush()
                jit.attach(watch, "trace")
            else
                jit.attach(watch)
            end
        end,
    })
    jit.attach(watch)
    assert.is_nil(err and err.message)
    result:free()
    runner.release(job)
    return table.concat(found, "\n")
end

local PREPARE = [[
local ta = require "backlua.ta"
function initialize(ctx)
    ctx.assets, ctx.sign, ctx.handle, ctx.count = ctx:symbols(), {}, {}, 0
    for i, asset in ipairs(ctx.assets) do
        ctx.handle[i] = ctx:indicator("sma", asset, { n = 20 })
        ctx.sign[i] = 1
    end
end
function handle_data(ctx, data)
    ctx.bars = (ctx.bars or 0) + 1
    if ctx.bars == 2 then -- columns are mapped at the first, which no trace goes on beyond
        print "go"
    elseif ctx.bars == 990 then -- what begins with the end of a run runs once
        print "stop"
    end
    for i = 1, #ctx.assets do
        local asset = ctx.assets[i]
        %s
    end
end]]

local BODIES = {
    ["indicator handles"] = "ctx.count = ctx.count + ctx.handle[i][-1] + ctx.handle[i][-2]",
    ["array windows"] = [[
        local close = data:history(asset, "close", 30, "1d", "array")
        ctx.count = ctx.count + close[-1] + close[1] + #close + close:mean()
        ctx.count = ctx.count + close:last(5):max()]],
    ["frames"] = [[
        local frame = data:history(asset, "close", 30)
        ctx.count = ctx.count + frame.close[-1] + frame.close:mean()]],
    ["frames of several fields"] = [[
        local frame = data:history(asset, { "close", "volume" }, 30)
        local row = frame:row(-1)
        ctx.count = ctx.count + frame.close:mean() + row.close + row.volume]],
    ["windows by keys"] = [[
        local close = data:history { assets = asset, fields = "close", bar_count = 30,
            frequency = "1d", return_type = "array" }
        ctx.count = ctx.count + close:mean()]],
    ["indicators as functions"] = [[
        local close = data:history(asset, "close", 30, "1d", "array")
        ctx.count = ctx.count + ta.sma(close, { n = 5 })[-1] ]],
    ["current values"] = [[
        if data:can_trade(asset) then
            ctx.count = ctx.count + data:current(asset, "close") + data:current(asset, "price")
        end]],
    ["the portfolio"] = [[
        local position = ctx.portfolio.positions[asset]
        ctx.count = ctx.count + position.amount + position.cost_basis + ctx.portfolio.cash
            + ctx.portfolio.portfolio_value + ctx.account.leverage]],
    ["orders"] = [[
        ctx.sign[i] = -ctx.sign[i]
        ctx:order(asset, ctx.sign[i])
        ctx:order_target_percent(asset, 0.05 + 0.01 * ctx.sign[i], { size_at = "fill" })
        ctx:order_target(asset, 5 + ctx.sign[i])]],
    ["records"] = "ctx:record { x = i } ctx:record('y', ctx.sign[i])",
    ["chance"] = "ctx.count = ctx.count + ctx:random() + math.random() + ctx:random_normal()",
    ["mathematics"] = [[
        ctx.count = ctx.count + math.max(i, 2) + math.min(i, ctx.count)
        ctx.count = ctx.count + i ^ 2 + math.floor(i / 2)]],
    ["time"] = "ctx.count = ctx.count + ctx:now()",
    ["pairs over a sequence"] = "for k, v in pairs(ctx.sign) do ctx.count = ctx.count + k * v end",
    ["dates"] = "local d = ctx:get_datetime() ctx.count = ctx.count + d.month + d.wday",
    ["formats"] = [[
        ctx.text = string.format("%s %.2f %d", asset.symbol, ctx.sign[i] / 3, i)
        ctx.text = ("%s"):format(ctx.text)]],
    ["pairs over names made anew"] = [[
        for _, v in pairs { b = i, a = 2, c = 3 } do ctx.count = ctx.count + v end]],
    ["pairs over assets made anew"] = [[
        local first = ctx.assets[1]
        for k, v in pairs { [asset] = i, [first] = 2 } do
            ctx.count = ctx.count + v + k.sid
        end]],
    ["open orders"] = [[
        for _, order in ipairs(ctx:get_open_orders(asset)) do ctx:cancel_order(order) end
        ctx:order(asset, 1, { limit = 0.01 })]],
    ["tables of windows"] = [[
        local t = data:history(asset, "close", 5, "1d", "array"):totable()
        ctx.count = ctx.count + t[1] + #t]],
    ["ipairs"] = "for k, v in ipairs(ctx.sign) do ctx.count = ctx.count + k * v end",
    ["pairs over names"] = [[
        ctx.names = ctx.names or { b = 1, a = 2, c = 3 }
        for _, v in pairs(ctx.names) do ctx.count = ctx.count + v end]],
}

-- ---- the examples ------------------------------------------------------------------------------

-- Lines of a file's initialize, which runs once.
local function runs_once(text)
    local lines, inside, n = {}, false, 0
    for line in text:gmatch "([^\n]*)\n" do
        n = n + 1
        inside = inside or line:find "^function .*initialize" ~= nil
        lines[n] = inside
        inside = inside and line ~= "end"
    end
    return lines
end

-- What the compiler gave up in the other lines of a strategy file over a few backtests.
local function given_up(path)
    local job = assert(runner.prepare { strategy = path, bundle = "market" })
    local watch = profile.start(job)
    for _ = 1, 3 do
        assert(runner.execute(job, nil, { print = function() end })):free()
    end
    watch:stop()
    runner.release(job)
    local found, once = {}, runs_once(job.program.text)
    for _, entry in ipairs(watch.aborts) do
        if not once[entry.line] then
            found[#found + 1] = ("%s:%d: %s"):format(path, entry.line, entry.message)
        end
    end
    return table.concat(found, "\n"), watch
end

-- Examples that are strategies with a handle_data and take any bundle.
local function examples()
    local list, pipe = {}, io.popen "ls examples/*.lua"
    for path in pipe:lines() do
        local file = assert(io.open(path))
        local text = file:read "*a"
        file:close()
        if text:find "%f[%w]handle_data%(ctx" and not text:find "backlua.optimization"
            and not text:find "%-%- +backlua ingest" then
            list[#list + 1] = path
        end
    end
    pipe:close()
    return list
end

describe("compiled code", function()
    setup(function()
        market.synthetic("market", { full = 1 })
    end)
    teardown(market.clean)

    for _, path in ipairs(examples()) do
        it("runs " .. path, function()
            local found, watch = given_up(path)
            assert.equal("", found)
            assert.is_true(watch.compiles)
            assert.is_true(watch.samples >= 0)
        end)
    end

    it("is told from what does not compile", function()
        local text = PREPARE:gsub("%%s", "ctx.f = function() return i end")
        assert.truthy(problems(text):find "bytecode")
        text = PREPARE:gsub("%%s", "table.sort(ctx.sign)")
        assert.truthy(problems(text):find "stitch")
    end)

    for name, body in pairs(BODIES) do
        it("runs " .. name, function()
            assert.equal("", problems((PREPARE:gsub("%%s", (body:gsub("%%", "%%%%"))))))
        end)
    end
end)
