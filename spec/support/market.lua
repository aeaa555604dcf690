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
struct action_set;
struct action_set *action_set_new(void);
void action_set_free(struct action_set *);
bt_status action_set_split(struct action_set *, const char *, int32_t, double);
bt_status action_set_dividend(struct action_set *, const char *, int32_t, double, int32_t,
    int32_t, const char *);
bt_status action_set_merger(struct action_set *, const char *, int32_t, const char *, double,
    double);
bt_status action_set_rename(struct action_set *, const char *, int32_t, const char *);
bt_status action_set_delisting(struct action_set *, const char *, int32_t, double);
void builder_actions(struct builder *, const struct action_set *);
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

-- Days count like bars: 1 is the first.
local function day_of(i)
    return i and FIRST_DAY + i - 1 or C.BT_NO_DAY
end

local ADD = {}

function ADD.split(set, a)
    return ffi.C.action_set_split(set, a.symbol, day_of(a.day), a.ratio)
end

function ADD.dividend(set, a)
    return ffi.C.action_set_dividend(set, a.symbol, day_of(a.day), a.amount, day_of(a.pay),
        day_of(a.declared), a.currency)
end

function ADD.merger(set, a)
    return ffi.C.action_set_merger(set, a.symbol, day_of(a.day), a.other, a.ratio or 0,
        a.cash or 0)
end

function ADD.rename(set, a)
    return ffi.C.action_set_rename(set, a.symbol, day_of(a.day), a.old)
end

function ADD.delisting(set, a)
    return ffi.C.action_set_delisting(set, a.symbol, day_of(a.day), a.price or 0)
end

local function set_of(actions)
    local set = ffi.gc(ffi.C.action_set_new(), ffi.C.action_set_free)
    for _, a in ipairs(actions or {}) do
        check(ADD[a.kind](set, a))
    end
    return set
end

local function make(name, assets, frequency, times, actions)
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
    local sha, set = ffi.new "char[65]", set_of(actions)
    ffi.C.builder_actions(builder[0], set)
    check(ffi.C.builder_commit(builder[0], "{}", 0, sha))
    ffi.C.action_set_free(ffi.gc(set, nil))
    return ffi.string(sha)
end

-- Daily bars, one per day from 2020-01-01, open at 14:30 and closed at 21:00 UTC.
--     actions   array of { kind = "split", symbol, day, ratio }, or kind "dividend" with amount and
--               maybe pay and declared, "merger" with other, ratio and cash, "rename" with old,
--               "delisting" with maybe price; days count like bars
function market.daily(name, assets, actions)
    return make(name, assets, "1d", function(i)
        local day = FIRST_DAY + i - 1
        return day * DAY + 14 * HOUR + 30 * MINUTE, day * DAY + 21 * HOUR, day
    end, actions)
end

-- One-minute bars, `a_day` of them in each session, from 14:30 UTC.
function market.minutes(name, a_day, assets, actions)
    return make(name, assets, "1m", function(i)
        local day = FIRST_DAY + math.floor((i - 1) / a_day)
        local open = day * DAY + 14 * HOUR + (30 + (i - 1) % a_day) * MINUTE
        return open, open + MINUTE, day
    end, actions)
end

-- Bars of any frequency: times(i) gives open and close (microseconds, int64_t) and session day.
market.timed = make

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
