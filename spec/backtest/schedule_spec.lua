-- schedule_function: every date and time rule, on dates taken from a calendar.
--
-- market.daily has a bar on every day from Wednesday 2020-01-01 on; days that no asset trades are
-- no sessions. market.minutes has sessions of so many minutes from 14:30 UTC.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"

local function run(settings, options)
    options.bundle = options.bundle or "weekdays"
    assert(backtest.run("local dates, times = require 'backlua.date_rules',"
        .. " require 'backlua.time_rules' local function hit(ctx)"
        .. " print(tostring(ctx:get_datetime()):sub(1, 16)) end function initialize(ctx) "
        .. settings .. " end", options))
    return backtest.printed
end

local function days(settings, options)
    local list = {}
    for i, line in ipairs(run(settings, options or {})) do
        list[i] = line:sub(6, 10)
    end
    return list
end

local function minutes(settings, options)
    options = options or {}
    options.bundle = "minutes"
    local list = {}
    for i, line in ipairs(run(settings, options)) do
        list[i] = line:sub(9, 10) .. " " .. line:sub(12)
    end
    return list
end

describe("schedule_function", function()
    setup(function()
        -- weekdays of 2020-01-01 .. 2020-02-12, but no New Year and no 20 January (XNYS)
        local bars = {}
        for day = 1, 43 do
            local weekday = (day + 1) % 7 -- Monday 0; 2020-01-01 is a Wednesday
            local open = weekday < 5 and day ~= 1 and day ~= 20
            bars[day] = open and market.flat(10)
        end
        market.daily("weekdays", { A = bars })
        market.minutes("minutes", 4, { A = market.path { 1, 2, 3, 4, 5, 6, 7, 8 } })
    end)
    teardown(market.clean)

    it("runs on every day without rules, and on each when told so", function()
        assert.equal(29, #days "ctx:schedule_function(hit)")
        assert.equal(29, #days "ctx:schedule_function(hit, dates.every_day())")
    end)

    it("finds starts of weeks, holidays apart", function()
        assert.same({ "01-02", "01-06", "01-13", "01-21", "01-27", "02-03", "02-10" },
            days "ctx:schedule_function(hit, dates.week_start())")
        assert.same({ "01-03", "01-07", "01-14", "01-22", "01-28", "02-04", "02-11" },
            days "ctx:schedule_function(hit, dates.week_start(1))")
        -- the week of the 2nd has two sessions, the last one is cut off
        assert.same({ "01-10", "01-17", "01-31", "02-07" },
            days "ctx:schedule_function(hit, dates.week_start { days_offset = 4 })")
    end)

    it("finds ends of weeks, and none where the bundle merely stops", function()
        assert.same({ "01-03", "01-10", "01-17", "01-24", "01-31", "02-07" },
            days "ctx:schedule_function(hit, dates.week_end())")
        assert.same({ "01-02", "01-09", "01-16", "01-23", "01-30", "02-06" },
            days "ctx:schedule_function(hit, dates.week_end(1))")
    end)

    it("finds starts and ends of months", function()
        assert.same({ "01-02", "02-03" }, days "ctx:schedule_function(hit, dates.month_start())")
        assert.same({ "01-07", "02-06" }, days "ctx:schedule_function(hit, dates.month_start(3))")
        assert.same({ "01-31" }, days "ctx:schedule_function(hit, dates.month_end())")
        assert.same({ "01-29" }, days "ctx:schedule_function(hit, dates.month_end(2))")
        assert.same({}, days "ctx:schedule_function(hit, dates.month_start(22))")
    end)

    it("a run that begins within a month does not take its first bar for the month's", function()
        assert.same({ "02-03" }, days("ctx:schedule_function(hit, dates.month_start())",
            { start_date = "2020-01-15" }))
    end)

    it("keeps to the time, once a session", function()
        -- four bars close at 14:31 .. 14:34
        assert.same({ "01 14:31", "02 14:31" }, minutes "ctx:schedule_function(hit)")
        assert.same({ "01 14:33", "02 14:33" }, minutes
            "ctx:schedule_function(hit, nil, times.market_open { minutes = 3 })")
        assert.same({ "01 14:33", "02 14:33" }, minutes
            "ctx:schedule_function(hit, nil, times.market_close())")
        assert.same({ "01 14:32", "02 14:32" }, minutes
            "ctx:schedule_function(hit, nil, times.market_close { minutes = 2 })")
        assert.same({ "01 14:34", "02 14:34" }, minutes
            "ctx:schedule_function(hit, nil, times.market_close { minutes = 0 })")
        assert.equal(8, #minutes "ctx:schedule_function(hit, nil, times.every_minute())")
        assert.same({}, minutes "ctx:schedule_function(hit, nil, times.market_open { hours = 1 })")
        assert.same({}, minutes "ctx:schedule_function(hit, nil, times.market_close { hours = 1 })")
    end)

    it("of a run that begins within a session is called for what is still to come in it", function()
        -- its first bar closes at 14:33
        local late = { start_date = "2020-01-01T14:33" }
        assert.same({ "01 14:33", "02 14:33" }, minutes(
            "ctx:schedule_function(hit, nil, times.market_close())", late))
        assert.same({ "02 14:31" }, minutes("ctx:schedule_function(hit)", late))
        assert.equal(6, #minutes("ctx:schedule_function(hit, nil, times.every_minute())", late))
    end)

    it("knows half days", function()
        -- sessions of 4, 2 and 4 minutes
        local bars = market.path { 1, 2, 3, 4, 5, 6, false, false, 9, 10, 11, 12 }
        market.minutes("half", 4, { A = bars })
        local function of(settings)
            return run(settings, { bundle = "half" })
        end
        assert.same({ "2020-01-01T14:33", "2020-01-02T14:31", "2020-01-03T14:33" },
            of "ctx:schedule_function(hit, nil, times.market_close())")
        assert.same({ "2020-01-01T14:33", "2020-01-03T14:33" },
            of "ctx:schedule_function(hit, dates.every_day(), times.market_close(), false)")
    end)

    it("comes after handle_data, in the order given, and may order", function()
        local result = assert(backtest.run([[
            local function one(ctx) print("one") ctx:order("A", 1) end
            local function two() print("two") end
            function initialize(ctx)
                local month_end = require "backlua.date_rules".month_end()
                ctx:schedule_function(one, month_end)
                ctx:schedule_function(two, month_end)
            end
            function handle_data(ctx) print(ctx.portfolio.positions.A.amount) end
        ]], { bundle = "weekdays", start_date = "2020-01-31", end_date = "2020-02-03" }))
        assert.same({ "0", "one", "two", "1" }, backtest.printed)
        assert.equal("filled", result.orders[1].reason)
    end)

    it("says where a function failed", function()
        local message = backtest.error([[
            function initialize(ctx)
                ctx:schedule_function(function() error "no" end)
            end]], { bundle = "weekdays" })
        assert.truthy(message:find("(text):2: no", 1, true), message)
        assert.truthy(message:find("in a scheduled function", 1, true), message)
    end)

    it("refuses what is no function, rule or time for it", function()
        for line, said in pairs {
            ["ctx:schedule_function(5)"] = "a function is expected first, got 5",
            ["ctx:schedule_function(hit, 5)"] = "date_rules",
            ["ctx:schedule_function(hit, dates.month_start)"] = "call it, month_start()",
            ["ctx:schedule_function(hit, nil, dates.month_start())"] = "backlua.time_rules",
            ["ctx:schedule_function(hit, nil, nil, 1)"] = "half_days is true or false",
            ["ctx.schedule_function(hit)"] = "call it with a colon",
            ["dates.month_strat()"] = "did you mean 'month_start'?",
            ["dates.week_start(5)"] = "at most 4",
            ["times.market_open { minuts = 5 }"] = "did you mean 'minutes'?",
            ["times.market_open { minutes = 0/0 }"] = "got nan",
        } do
            local message = backtest.error("local dates, times = require 'backlua.date_rules',"
                .. " require 'backlua.time_rules' local function hit() end"
                .. " function initialize(ctx) " .. line .. " end", { bundle = "weekdays" })
            assert.truthy(message:find(said, 1, true), message)
        end
        assert.truthy(backtest.error(backtest.handle "ctx:schedule_function(print)",
            { bundle = "weekdays" }):find("belongs in initialize", 1, true))
    end)
end)
