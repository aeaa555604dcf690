-- Small bundles with bars written by hand, for specs whose figures are worked out by hand.
--
--     local market = require "spec.support.market"
--     market.daily("two", {
--         A = { { 10, 11, 9, 10.5, 1000 }, ... },       -- open, high, low, close, volume
--         B = { false, { 20, 21, 19, 20, 500 }, ... },  -- false: no bar that day
--     })                                                -- days from 2020-01-01 on, all weekdays
--     market.flat(100)                                  -- a bar that stands at 100
--     market.clean()
--
-- Bundles go to a folder of this process alone (market.folder), which BACKLUA_BUNDLES names.

local child = require "spec.support.child"
local ffi = require "ffi"
local native = require "backlua.ffi"

local C = native.C
local market = {}

ffi.cdef [[
int setenv(const char *name, const char *value, int overwrite);
struct builder;
struct bar {
    bt_time open_time, close_time;
    int32_t session;
    double open, high, low, close, volume;
};
bt_status builder_open(const char *, const char *, const char *, struct builder **);
bt_status builder_asset(struct builder *, const char *, const struct bar *, int64_t);
bt_status builder_commit(struct builder *, const char *, double, char *);
]]

local FIRST_DAY = 18262 -- 2020-01-01
local DAY, HOUR, MINUTE = 86400000000LL, 3600000000LL, 60000000LL

market.folder = child.scratch()
ffi.C.setenv("BACKLUA_BUNDLES", market.folder, 1)
ffi.C.setenv("BACKLUA_HOME", market.folder .. "/home", 1)

local function check(status)
    assert(status == C.BT_OK, ffi.string(C.bt_error_message()))
end

local function bars_of(list, times)
    local bars, n = ffi.new("struct bar[?]", #list), 0
    for i, row in ipairs(list) do
        if row then
            local b = bars[n]
            b.open_time, b.close_time, b.session = times(i)
            b.open, b.high, b.low, b.close, b.volume = unpack(row)
            n = n + 1
        end
    end
    return bars, n
end

local function make(name, assets, frequency, times)
    local builder = ffi.new "struct builder *[1]"
    check(ffi.C.builder_open(market.folder, name, frequency, builder))
    local symbols = {}
    for symbol in pairs(assets) do
        symbols[#symbols + 1] = symbol
    end
    table.sort(symbols)
    for _, symbol in ipairs(symbols) do
        local bars, n = bars_of(assets[symbol], times)
        check(ffi.C.builder_asset(builder[0], symbol, bars, n))
    end
    local sha = ffi.new "char[65]"
    check(ffi.C.builder_commit(builder[0], "{}", 0, sha))
    return ffi.string(sha)
end

-- Daily bars, one per day from 2020-01-01, open at 14:30 and closed at 21:00 UTC.
function market.daily(name, assets)
    return make(name, assets, "1d", function(i)
        local day = FIRST_DAY + i - 1
        return day * DAY + 14 * HOUR + 30 * MINUTE, day * DAY + 21 * HOUR, day
    end)
end

-- One-minute bars, `a_day` of them in each session, from 14:30 UTC.
function market.minutes(name, a_day, assets)
    return make(name, assets, "1m", function(i)
        local day = FIRST_DAY + math.floor((i - 1) / a_day)
        local open = day * DAY + 14 * HOUR + (30 + (i - 1) % a_day) * MINUTE
        return open, open + MINUTE, day
    end)
end

-- A bar that opens, stays and closes at one price.
function market.flat(price, volume)
    return { price, price, price, price, volume or 1e6 }
end

-- Flat bars of an array of prices.
function market.path(prices, volume)
    local bars = {}
    for i, price in ipairs(prices) do
        bars[i] = price and market.flat(price, volume)
    end
    return bars
end

-- A seeded synthetic market of 8 symbols over 25 years.
function market.synthetic(name, options)
    local config = ffi.new("bt_synthetic_config", { bundle = name, folder = market.folder,
        preset = "mag7", seed = 7 })
    for key, value in pairs(options or {}) do
        config[key] = value
    end
    check(C.bt_synthetic(config, ffi.new "char[65]"))
end

function market.clean()
    child.clean()
end

return market
