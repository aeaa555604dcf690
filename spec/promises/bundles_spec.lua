-- A bundle that is not what it was is refused before the first bar, with exit 3; what stands in the
-- cache folder can only cost a hash; a bundle that is replaced changes nothing for who has it open.
-- Single bits by the thousand: spec/c/store_damage_test.c. STRESS=1 (make stress): ten times here.

local backlua = require "backlua"
local child = require "spec.support.child"

local FLIPS = os.getenv "STRESS" == "1" and 250 or 25

local folder, state

local function run(words, env)
    local spec = { env = { BACKLUA_BUNDLES = folder, BACKLUA_HOME = folder .. "/home",
        XDG_CACHE_HOME = folder .. "/cache" } }
    for key, value in pairs(env or {}) do
        spec.env[key] = value
    end
    for i, word in ipairs(words) do
        spec[i] = word
    end
    return child.run(spec)
end

local function draw(n)
    state = state * 16807 % 2147483647
    return state % n
end

local function lines_of(command)
    local pipe, list = assert(io.popen(command)), {}
    for line in pipe:lines() do
        list[#list + 1] = line
    end
    pipe:close()
    return list
end

-- Flip one bit of a file; returns a function that flips it back.
local function flip(path)
    local bytes = child.read(path)
    local at, mask = draw(#bytes) + 1, 2 ^ draw(8)
    os.execute("chmod 600 '" .. path .. "'")
    child.write(path, bytes:sub(1, at - 1) .. string.char(bit.bxor(bytes:byte(at), mask))
        .. bytes:sub(at + 1))
    return function()
        child.write(path, bytes)
    end
end

local STRATEGY = "function handle_data(ctx) print 'a bar' ctx:order('AAPL', 1) end\n"

describe("a bundle", function()
    local strategy, good

    setup(function()
        folder, state = child.scratch(), 20261129
        strategy = folder .. "/s.lua"
        child.write(strategy, STRATEGY)
        assert.equal(0, run({ "ingest", "--synthetic", "mag7", "--symbols", "2", "-b", "b" }).code)
        good = run { "run", strategy, "-b", "b", "--json", "--no-save" }
        assert.equal(0, good.code, good.err)
    end)
    teardown(child.clean)

    it("with any bit turned is refused before the first bar: exit 3", function()
        local files = lines_of("find '" .. folder .. "/b' -type f | sort")
        for i = 1, FLIPS do
            local path = files[i % #files + 1]
            local back = flip(path)
            local r = run { "run", strategy, "-b", "b", "--no-save" }
            assert.equal(3, r.code, path .. "\n" .. r.err)
            assert.equal("", r.out)
            assert.falsy(r.err:find("a bar", 1, true))
            back()
        end
        assert.equal(good.out, run({ "run", strategy, "-b", "b", "--json", "--no-save" }).out)
    end)

    it("is hashed anew when what is remembered of it is damaged", function()
        -- of files that changed a moment ago nothing is remembered
        local stamps
        for _ = 1, 100 do
            assert.equal(0, run({ "run", strategy, "-b", "b", "--no-save" }).code)
            stamps = lines_of("find '" .. folder .. "' -path '*verified*' -type f")
            if #stamps > 0 then
                break
            end
            os.execute "sleep 0.1"
        end
        assert.is_true(#stamps > 0)
        for _, path in ipairs(stamps) do
            for _ = 1, 5 do
                local back = flip(path)
                assert.equal(good.out,
                    run({ "run", strategy, "-b", "b", "--json", "--no-save" }).out)
                back()
            end
            child.write(path, ("x"):rep(100000))
            assert.equal(good.out, run({ "run", strategy, "-b", "b", "--json", "--no-save" }).out)
        end
    end)

    it("that is replaced in the middle of a run changes nothing of it", function()
        local path, bars = folder .. "/b", 0
        local function hash(replace)
            bars = 0
            return assert(backlua.run { bundle = path, strategy = {
                handle_data = function(ctx, data)
                    bars = bars + 1
                    if replace and bars == 100 then
                        local r = run { "ingest", "--synthetic", "mag7", "--seed", "99",
                            "--symbols", "2", "-b", "b" }
                        assert(r.code == 0, r.err)
                        assert(run({ "bundle", "clean", "b", "--keep-last", "1" }).code == 0)
                    end
                    ctx:record("close", data:history("AAPL", "close", 3, "1d", "array"):mean())
                    ctx:order("AMZN", bars % 7 - 3)
                end,
            } }).hash
        end
        local before = hash(false)
        assert.equal(before, hash(true))
        assert.not_equal(before, hash(false))
    end)
end)
