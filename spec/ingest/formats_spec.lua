-- Every format of the usual sources, from a file as the source writes it to bars. The fixtures
-- hold the same three bars with each source's header, order of columns, dates, stamps and units;
-- expected times follow from the source's rule, worked out by hand beside each.

local actions = require "spec.support.actions"
local child = require "spec.support.child"
local dump = require "spec.support.dump"

local F = "spec/fixtures/formats/"

local BARS = { "10 11 9 10.5 100", "10.5 12 10 11 110", "11 12 10.5 11.5 120" }

local function at(times, bars)
    local list = {}
    for i, time in ipairs(times) do
        list[i] = time .. " " .. (bars or BARS)[i]
    end
    return list
end

-- A session closes at 23:59:59 of its date.
local DAYS = { "2020-01-02T23:59:59Z", "2020-01-03T23:59:59Z", "2020-01-06T23:59:59Z" }
local MID = { "2020-01-15T23:59:59Z", "2020-01-16T23:59:59Z", "2020-01-17T23:59:59Z" }
-- Minutes that open at 09:30, 09:31, 09:33 UTC close a minute later.
local MINUTES = { "2020-01-02T09:31:00Z", "2020-01-02T09:32:00Z", "2020-01-02T09:34:00Z" }

local NO_VOLUME = { "10 11 9 10.5 0", "10.5 12 10 11 0", "11 12 10.5 11.5 0" }

local YFINANCE_OLD = { "AAPL 2020-01-02T23:59:59Z 10 11 9 10.5 100",
    "AAPL 2020-01-03T23:59:59Z 10.5 12 10 11 110",
    "OPEN 2020-01-03T23:59:59Z 1.5 1.75 1.25 1.5 7" }

-- { file, options, symbol or nil when bars name it, bars, what is said ... }
local CASES = {
    { "yahoo.csv", "", "yahoo", at(DAYS), "--format yahoo", "adjusted for splits, as the source",
        "left out: 'Adj Close'", "1 row of a date without prices; left out",
        "4 rows = 3 stored + 0 repeated + 0 bad + 1 empty" },
    { "yfinance.csv", "", "MSFT", at(DAYS), "--format yfinance)", "close = column 2 'Close'",
        "adjusted for splits and dividends" },
    { "yfinance_wide.csv", "", nil, {
        "MSFT 2020-01-02T23:59:59Z 10 11 9 10.5 100", "MSFT 2020-01-03T23:59:59Z 10.5 12 10 11 110",
        "MSFT 2020-01-06T23:59:59Z 11 12 10.5 11.5 120",
        "OPEN 2020-01-03T23:59:59Z 1.5 1.75 1.25 1.5 7",
        "OPEN 2020-01-06T23:59:59Z 1.5 1.5 1 1.25 8" }, "2 symbols side by side",
        "6 rows = 5 stored + 0 repeated + 0 bad + 1 empty" },
    { "yfinance_unadjusted.csv", "", "MSFT", at(DAYS), "--format yfinance)",
        "adjusted for splits, as the source" },
    -- Before 2024 the two lines had no names; either could come first.
    { "yfinance_old.csv", "", nil, YFINANCE_OLD, "adjusted for splits, as the source",
        "2 symbols, from the header", "4 rows = 3 stored + 0 repeated + 0 bad + 1 empty" },
    { "yfinance_old_ticker.csv", "", nil, YFINANCE_OLD, "adjusted for splits, as the source" },
    -- The local date counts: in UTC these midnights are the day before.
    { "yfinance_history.csv", "", "yfinance_history", at(DAYS), "--format yfinance-history",
        "splits and dividends left out: prices are adjusted for them already" },
    { "yfinance_raw.csv", "", "yfinance_raw", at(DAYS), "--format yfinance-raw",
        "1 corporate action of these symbols", "splits left out: prices are adjusted" },
    { "stooq.csv", "", "stooq", at(DAYS), "--format stooq)", "open = column 2 'Otwarcie'" },
    { "stooq_cp1250.csv", "", "stooq_cp1250", at(DAYS, NO_VOLUME), "--format stooq)",
        "no volume, taken as 0" },
    { "stooq_bulk.txt", "", nil, {
        "AAPL.US 2020-01-02T23:59:59Z 10 11 9 10.5 100",
        "AAPL.US 2020-01-03T23:59:59Z 10.5 12 10 11 110",
        "AAPL.US 2020-01-06T23:59:59Z 11 12 10.5 11.5 120",
        "MSFT.US 2020-01-02T23:59:59Z 20 21 19 20.5 200" }, "--format stooq-bulk" },
    -- Moscow is UTC+3.
    { "finam.csv", "--tz Europe/Moscow", "SBER", at { "2020-01-03T07:01:00Z",
        "2020-01-03T07:02:00Z", "2020-01-03T07:04:00Z" }, "--format stooq-bulk",
        "of Europe/Moscow, as given" },
    { "alpaca.csv", "", "AAPL", at(DAYS), "--format alpaca" },
    { "polygon", "", nil, {
        "A 2020-01-02T23:59:59Z 10 11 9 10.5 100", "A 2020-01-03T23:59:59Z 10.5 12 10 11 110",
        "A 2020-01-06T23:59:59Z 11 12 10.5 11.5 120", "B 2020-01-02T23:59:59Z 20 21 19 20.5 200.5",
        "B 2020-01-06T23:59:59Z 20.5 21 20 20.75 210" }, "3 files such as", "--format polygon",
        "close = column 4 'close'", "adjusted for nothing" },
    { "polygon_index.csv", "", "I:SPX", at(DAYS, NO_VOLUME), "no volume" },
    -- Milliseconds in 2020, microseconds in 2025: 1735723800 is 2025-01-01T09:30Z.
    { "binance", "", "BTCUSDT", at({ "2020-01-02T09:31:00Z", "2020-01-02T09:32:00Z",
        "2025-01-01T09:31:00Z" }, { "10 11 9 10.5 100.5", "10.5 12 10 11 110.25",
        "11 12 10.5 11.5 120.125" }), "--format binance", "by the size of all of them" },
    { "binance_futures.csv", "", "binance_futures", at(MINUTES, { "10 11 9 10.5 100.5",
        "10.5 12 10 11 110.25", "11 12 10.5 11.5 120" }), "--format binance" },
    { "cryptodatadownload.csv", "", "BTC/USDT", at(DAYS), "1 line above the header left out",
        "volume = column 8 'Volume BTC'", "2 rows earlier than the row before; sorted" },
    { "tiingo.csv", "", "tiingo", at(DAYS, { BARS[1], BARS[2], "5.5 6 5.25 5.75 120" }),
        "--format tiingo", "close = column 2 'close'", "dividend = column 12 'divCash'" },
    { "sharadar.csv", "", "AAPL", at(DAYS), "--format sharadar", "date = column 2 'date'",
        "adjusted for splits" },
    { "quandl_wiki.csv", "", "A", { "2018-03-26T23:59:59Z 10 11 9 10.5 100",
        "2018-03-27T23:59:59Z 10.5 12 10 11 110" }, "--format quandl-wiki" },
    { "alphavantage.csv", "", "alphavantage", at(DAYS), "--format alphavantage" },
    { "eodhd.csv", "", "eodhd", at(DAYS), "--format eodhd)" },
    { "eodhd_intraday.csv", "", "eodhd_intraday", at(MINUTES), "--format eodhd-intraday",
        "date = column 1 'Timestamp'" },
    { "kibot.txt", "", "kibot", at(MID), "--format kibot)", "dates are month/day/year, as",
        "adjusted for splits and dividends" },
    -- New York is UTC-5 in January and UTC-4 in July.
    { "kibot_intraday.txt", "", "kibot_intraday", at { "2020-01-15T14:31:00Z",
        "2020-01-15T14:32:00Z", "2020-07-15T13:31:00Z" }, "--format kibot-intraday",
        "are of America/New_York (--tz overrides)" },
    { "ib.csv", "--tz UTC", "ib", at(MINUTES, { "10 11 9 10.5 0", "10.5 12 10 11 0", BARS[3] }),
        "--format ib)", "2 rows with a volume that is not known, taken as 0" },
    -- Athens is UTC+2 in January.
    { "mt5.csv", "--tz Europe/Athens", "mt5", at(MINUTES), "--format mt5",
        "volume = column 8 '<VOL>'" },
    { "mt5_daily.csv", "", "mt5_daily", at(DAYS), "--format mt5" },
    { "DAT_MT_EURUSD_M1_202001.csv", "--format histdata-mt", "EURUSD", at(MINUTES),
        "are of UTC-5 (--tz overrides)" },
    { "DAT_MT_EURUSD_M1_202001.csv", "--format mt4 --tz UTC-5", "DAT_MT_EURUSD_M1_202001",
        at(MINUTES) },
    { "DAT_ASCII_EURUSD_M1_202001.csv", "--format histdata", "EURUSD", at(MINUTES),
        "semicolon separated" },
    -- NinjaTrader: UTC, and here the end of a bar.
    { "DAT_ASCII_EURUSD_M1_202001.csv", "--format ninjatrader --stamp close --symbol S", "S", at {
        "2020-01-02T04:30:00Z", "2020-01-02T04:31:00Z", "2020-01-02T04:33:00Z" } },
    { "dukascopy.csv", "", "dukascopy", at(MINUTES, { "10 11 9 10.5 100.25",
        "10.5 12 10 11 110.5", "11 12 10.5 11.5 120.75" }), "--format dukascopy",
        "dates of Dukascopy are day/month/year, as the source writes them (--dates overrides)" },
    { "tradingview.csv", "", "tradingview", at(MINUTES, { BARS[1], BARS[2], "11 12 10.5 11.5 0" }),
        "--format tradingview", "column 'RSI' is the field rsi, 2 values" },
    { "databento.csv", "", "ESH0", at(MINUTES), "--format databento)",
        "whole numbers in all rows and divided by 1000000000" },
    { "databento_pretty.csv", "", "17", at(MINUTES), "--format databento-ids",
        "prices are taken as they are, since 10.000000000" },
    -- Whole points, written with all nine places: no multiples of 1e-9.
    { "databento_points.csv", "", "YMH0", {
        MINUTES[1] .. " 37800 37850 37790 37840 120",
        MINUTES[2] .. " 37840 37845 37810 37815 110" }, "since 37800.000000000" },
    { "nasdaq.csv", "", "nasdaq", at(MID, { BARS[1], "10.5 12 10 11 0", BARS[3] }),
        "--format nasdaq", "close = column 2 'Close/Last'" },
    { "investing.csv", "", "investing", at(DAYS, { "1010 1011 1009 1010.5 0",
        "1010.5 1012 1010 1011 1100", "1011 1012 1010.5 1011.5 190280000" }), "--format investing",
        "close = column 2 'Price'" },
    { "investing_slash.csv", "", "investing_slash", { MID[2] .. " " .. BARS[2],
        MID[3] .. " " .. BARS[3] }, "dates are month/day/year, as" },
    { "pandas.csv", "", "pandas", at(DAYS), "--format pandas" },
    { "backtrader.txt", "--tz UTC", "backtrader", at(MINUTES), "--format backtrader",
        "times without UTC offset are of UTC, as given" },
    -- Chicago is UTC-6 in January; a time is a bar's close.
    { "tradestation.txt", "--tz America/Chicago", "tradestation", at { "2020-01-15T15:31:00Z",
        "2020-01-15T15:32:00Z", "2020-01-15T15:34:00Z" }, "--format tradestation",
        "a time is its bar's close" },
    { "csvdir/daily", "", "AAA", at(DAYS, { BARS[1], BARS[2], "5.5 6 5.25 5.75 120" }),
        "--format csvdir" },
    -- A minute of zipline's is labelled with its end.
    { "csvdir/minute", "--frequency 1m", "AAA", { "2020-01-02T14:31:00Z " .. BARS[1] },
        "a time is its bar's close (--stamp overrides)",
        "times of zipline csvdir are of UTC (--tz overrides)" },
    { "lean/equity/usa/daily", "", "SPY", at(DAYS), "--format lean)",
        "whole numbers in all rows and divided by 10000" },
    -- 10:00 in New York is 15:00 UTC in January, 14:00 in July.
    { "lean/equity/usa/hour", "", "SPY", at { "2020-01-02T16:00:00Z", "2020-01-02T17:00:00Z",
        "2020-07-02T15:00:00Z" }, "--format lean)" },
    { "lean/equity/usa/minute", "", "SPY", at { "2020-01-02T14:31:00Z", "2020-01-02T14:32:00Z",
        "2020-01-03T14:31:00Z" }, "2 files such as", "--format lean-minute" },
    { "lean/crypto", "", "BTCUSD", at { DAYS[1], DAYS[2], "2020-01-04T23:59:59Z" },
        "prices are taken as they are, since 10.5" },
    { "lean_quote.zip", "--format lean-bid", "EURUSD", { DAYS[1] .. " 10 11 9 10.5 1",
        DAYS[2] .. " 10.5 12 10 11 3" } },
    { "lean_quote.zip", "--format lean-ask", "EURUSD", { DAYS[1] .. " 10.1 11.1 9.1 10.6 2",
        DAYS[2] .. " 10.6 12.1 10.1 11.1 4" } },
    { "generic.csv", "--columns x,symbol,date,open,high,low,close,volume", "S", at { DAYS[1],
        DAYS[2], "2020-01-16T23:59:59Z" }, "dates are day/month/year, as 16.01.2020" },
    { "close_only.csv", "--map open=2,high=Close,low=2", "close_only", at(DAYS, {
        "10.5 10.5 10.5 10.5 0", "11 11 11 11 0", "11.5 11.5 11.5 11.5 0" }) },
    { "same_field.csv", "", "same_field", at(DAYS), "left out: '-DM 1'" },
    { "pandas.csv", "--scale 0.01", "pandas", at(DAYS, { "0.1 0.11 0.09 0.105 100",
        "0.105 0.12 0.1 0.11 110", "0.11 0.12 0.105 0.115 120" }), "multiplied by 0.01, as given" },
    { "backtrader.txt", "--map volume=-1 --tz UTC", "backtrader", at(MINUTES, NO_VOLUME) },
}

-- { file, options, code, message; $ is the path }
local ASKED = {
    { "DAT_MT_EURUSD_M1_202001.csv", "", 2, "$: its rows can be MetaTrader 4 (broker time) or "
        .. "HistData for MetaTrader (UTC-5 all year), and nothing in them tells which; say "
        .. "--format mt4 or --format histdata-mt" },
    { "DAT_ASCII_EURUSD_M1_202001.csv", "", 2, "$: its rows can be HistData ASCII (UTC-5 all year) "
        .. "or NinjaTrader (UTC), and nothing in them tells which; say --format histdata or "
        .. "--format ninjatrader" },
    { "DAT_ASCII_EURUSD_M1_202001.csv", "--format ninjatrader", 2, "$: times of NinjaTrader (UTC) "
        .. "are the begin of a bar in some files and the end in others; say --stamp open or "
        .. "--stamp close" },
    { "mt5.csv", "", 2, "$:2: 2020.01.02 11:30:00 carries no time zone, and times of MetaTrader 5 "
        .. "are those of a broker or an exchange; say --tz, such as --tz Europe/Athens, "
        .. "America/New_York, UTC+2 or UTC" },
    { "tradestation.txt", "", 2, "$:2: 01/15/2020 0931 carries no time zone, and times of "
        .. "TradeStation are those of a broker or an exchange; say --tz, such as --tz "
        .. "America/Chicago, America/New_York, UTC+2 or UTC" },
    { "finam.csv", "", 2, "$:2: 20200103 100000 carries no time zone, and times of Stooq bulk, "
        .. "Finam or MetaStock are those of a broker or an exchange; say --tz, such as --tz "
        .. "Europe/Warsaw, Europe/Moscow, America/New_York, UTC+2 or UTC" },
    { "ib.csv", "", 2, "$:2: 20200102  09:30:00 carries no time zone, and times of Interactive "
        .. "Brokers (ib_insync) are those of a broker or an exchange; say --tz, such as --tz "
        .. "America/New_York, UTC+2 or UTC" },
    { "backtrader.txt", "", 2, "$:2: 2020-01-02 09:30:00 carries no time zone, and times of "
        .. "backtrader are those of a broker or an exchange; say --tz, such as --tz "
        .. "America/New_York, UTC+2 or UTC" },
    { "lean_quote.zip", "", 2, "$/eurusd.csv: its rows can be LEAN quotes, days or hours: the bid "
        .. "or LEAN quotes, days or hours: the ask, and nothing in them tells which; say --format "
        .. "lean-bid or --format lean-ask" },
    { "csvdir", "", 2, "$ holds daily and minute; a bundle holds one frequency, so name one: "
        .. "$/daily" },
    { "close_only.csv", "", 2, "$: no column for open, high, low among 'Date', 'Close', 'Signal'; "
        .. "say --map open=2,high=2,low=2 to take the close for all of them" },
    { "stooq_quota.csv", "", 3, "$:1: the first line has no comma, semicolon or tab; a table of "
        .. "bars begins with a header such as date,open,high,low,close,volume. It reads: Exceeded "
        .. "the daily hits limit" },
    { "alphavantage_error.csv", "", 3, "$ is JSON and no table, perhaps an error that the source "
        .. "sent instead: {" },
    { "swapped.csv", "", 3, "$: in 20 of 20 rows the high is not the highest or the low not the "
        .. "lowest price; the worst is line 2: open 10 (column 2 'open'), high 10.5 (column 3 "
        .. "'high'), low 11 (column 4 'low'), close 9 (column 5 'close'). Say which column is "
        .. "which: --map open=2,high=3,low=4,close=5" },
    { "pandas.csv", "--format tiingo", 2, "$: its first line is not that of Tiingo (a header "
        .. "date,close,high,low,open,volume,adjclose,adjhigh,adjlow,adjopen,adjvolume,"
        .. "divcash=dividend,splitfactor=split); leave out --format tiingo, or say --map or "
        .. "--columns" },
    { "pandas.csv", "--format tingo", 2, "no format 'tingo'; do you mean 'tiingo'?" },
    { "pandas.csv", "--format zzzzzzzz", 2, "no format 'zzzzzzzz'; there are yahoo, yfinance, "
        .. "yfinance-history, yfinance-raw, stooq, stooq-bulk, alpaca, polygon, binance, "
        .. "cryptodatadownload, tiingo, sharadar, quandl-wiki, alphavantage, eodhd, "
        .. "eodhd-intraday, kibot, kibot-intraday, ib, mt5, mt4, histdata-mt, histdata, "
        .. "ninjatrader, dukascopy, databento, databento-ids, nasdaq, investing, csvdir, "
        .. "backtrader, tradestation, pandas, tradingview, lean, lean-bid, lean-ask, "
        .. "lean-minute, lean-minute-bid, lean-minute-ask" },
    { "pandas.csv", "--map closing=2", 2, "--map 'closing=2': write role=column with a role of "
        .. "date, time, symbol, open, high, low, close, volume, dividend, split and a column's "
        .. "number or name, such as close=5 or volume=-1" },
    { "pandas.csv", "--map close=7", 2, "$: --map close=7: no such column; it has '', 'Open', "
        .. "'High', 'Low', 'Close', 'Volume'" },
    { "actions", "", 2, "there are splits or dividends to apply: are the prices of $/AAA.csv "
        .. "adjusted for them already? say --adjusted none, splits or all" },
    { "actions/splits.csv", "", 3, "$ holds splits; name files of bars, too" },
}

describe("a file of a known source", function()
    local folder

    before_each(function()
        folder = child.scratch()
    end)
    teardown(child.clean)

    local function ingest(path, options, stdin)
        local spec = { "ingest", "-b", "x", path, env = { BACKLUA_BUNDLES = folder },
            stdin = stdin }
        for word in options:gmatch "%S+" do
            spec[#spec + 1] = word
        end
        return child.run(spec)
    end

    for _, case in ipairs(CASES) do
        local name, options, symbol, bars = unpack(case, 1, 4)
        it(("becomes bars: %s %s"):format(name, options), function()
            local r = ingest(F .. name, options)
            assert.equal(0, r.code, r.err)
            local expected = {}
            for i, bar in ipairs(bars) do
                expected[i] = symbol and symbol .. " " .. bar or bar
            end
            assert.same(expected, dump(folder .. "/x"))
            for i = 5, #case do
                assert.truthy(r.err:find(case[i], 1, true), case[i] .. "\nnot in:\n" .. r.err)
            end
        end)
    end

    for _, case in ipairs(ASKED) do
        local name, options, code, message = unpack(case)
        it(("is asked about or refused: %s %s"):format(name, options), function()
            local r = ingest(F .. name, options)
            local expected = "backlua: " .. message:gsub("%$", F .. name)
            assert.equal(expected, r.err:match "([^\n]*)\n$")
            assert.equal(code, r.code)
            assert.is_nil(io.open(folder .. "/x/bundle.sqlite"))
        end)
    end

    describe("with corporate actions", function()
        local function actions_of(path, options)
            local r = ingest(F .. path, options)
            assert.equal(0, r.code, r.err)
            return actions(folder .. "/x"), r.err
        end

        it("takes splits and dividends that stand in line", function()
            local both = { "tiingo dividend 2020-01-03 0.25", "tiingo split 2020-01-06 2" }
            assert.same(both, (actions_of("tiingo.csv", "")))
            assert.same({ "tiingo dividend 2020-01-03 0.25" },
                (actions_of("tiingo.csv", "--adjusted splits")))
            assert.same({}, (actions_of("tiingo.csv", "--adjusted all")))
            assert.same({ "AAA dividend 2020-01-03 0.25", "AAA split 2020-01-06 2" },
                (actions_of("csvdir/daily", "")))
            assert.same({ "alphavantage dividend 2020-01-03 0.25" },
                (actions_of("alphavantage.csv", "")))
            assert.same({ "A dividend 2018-03-27 0.5" }, (actions_of("quandl_wiki.csv", "")))
            assert.same({}, (actions_of("yfinance_history.csv", "")))
        end)

        it("takes those of splits.csv and dividends.csv beside it, or by flag", function()
            local both = { "AAA dividend 2020-01-03 0.25 2020-01-20 USD",
                "AAA split 2020-01-06 2" }
            local list, said = actions_of("actions", "--adjusted none")
            assert.same(both, list)
            assert.truthy(said:find("splits.csv: splits, 2 actions", 1, true), said)
            assert.truthy(said:find("1 corporate actions of symbols without bars left "
                .. "out", 1, true), said)
            assert.same(both, (actions_of("actions/AAA.csv", "--adjusted none --splits " .. F
                .. "actions/splits.csv --dividends " .. F .. "actions/dividends.csv")))
        end)

        it("takes names in LEAN's map files that could be those of columns", function()
            child.write(folder .. "/c.csv", "20200102 00:00,100000,110000,90000,105000,100\n"
                .. "20200103 00:00,105000,120000,100000,110000,110\n")
            for _, text in ipairs { "20200101,open\n20200102,h\n20501231,c\n",
                "20200101,open,N\n20200102,h,N\n20501231,c,N\n" } do
                os.execute("mkdir -p " .. folder .. "/map")
                child.write(folder .. "/map/c.csv", text)
                local spec = { "ingest", "-b", "x", folder .. "/c.csv", folder .. "/map/c.csv",
                    env = { BACKLUA_BUNDLES = folder } }
                local r = child.run(spec)
                assert.equal(0, r.code, r.err)
                assert.same({ "C symbol 2020-01-02 0 OPEN", "C symbol 2020-01-03 0 H" },
                    (actions(folder .. "/x")))
            end
        end)

        it("takes the ratios that LEAN's rounded factors stand for", function()
            local rows = {}
            for day = 2, 31 do
                rows[#rows + 1] = ("202001%02d 00:00,100000,110000,90000,105000,100\n"):format(day)
            end
            child.write(folder .. "/x.csv", table.concat(rows))
            os.execute("mkdir -p " .. folder .. "/factor")
            -- 3:2, 5:4, 3:2, 1:50, and one of no small numbers
            child.write(folder .. "/factor/x.csv", "20200106,1,17.8256003,0\n"
                .. "20200108,1,26.7384005,0\n20200113,1,33.4230006,0\n20200115,1,50.1345009,0\n"
                .. "20200120,1,1.0026900,0\n20501231,1,1,0\n")
            local r = child.run { "ingest", "-b", "x", folder .. "/x.csv", folder
                .. "/factor/x.csv", env = { BACKLUA_BUNDLES = folder } }
            assert.equal(0, r.code, r.err)
            assert.same({ "X split 2020-01-07 1.5", "X split 2020-01-09 1.25",
                "X split 2020-01-14 1.5", "X split 2020-01-16 0.02",
                "X split 2020-01-21 0.9973172166871116" }, (actions(folder .. "/x")))
        end)

        it("warns about a jump like that of a split, with the line to add", function()
            local r = ingest(F .. "jump.csv", "")
            assert.equal(0, r.code, r.err)
            assert.truthy(r.err:find("warning: jump 2020-01-06: from 44 to 11 looks like an "
                .. "unadjusted split; if it is one, splits.csv needs: jump,2020-01-06,4", 1, true),
                r.err)
            assert.falsy(ingest(F .. "jump.csv", "--adjusted splits").err:find("warning", 1, true))
            -- 11 to 5.5 without the split, nothing with it
            assert.truthy(ingest(F .. "actions/AAA.csv", "").err:find("AAA,2020-01-06,2", 1, true))
            assert.falsy(ingest(F .. "actions", "--adjusted none").err:find("warning", 1, true))
        end)
    end)

    it("is scaled by the market it lies in, and asked about where that shows both", function()
        local equity, crypto = F .. "lean/equity/usa/daily", F .. "lean/crypto"
        local r = ingest(equity, crypto)
        assert.equal(0, r.code, r.err)
        local bars = dump(folder .. "/x")
        assert.equal("BTCUSD 2020-01-02T23:59:59Z 10 11 9 10.5 100", bars[1])
        assert.equal("SPY 2020-01-02T23:59:59Z 10 11 9 10.5 100", bars[4])
        for _, phrase in ipairs { "prices of " .. equity .. "/spy.zip/spy.csv are whole numbers in "
            .. "all rows and divided by 10000", "taken as they are in the others, since 10.5 " } do
            assert.truthy(r.err:find(phrase, 1, true), r.err)
        end
        local flat = folder .. "/flat"
        assert(os.execute(("mkdir %s && cp %s/spy.zip %s/btcusd.zip %s"):format(flat, equity,
            crypto, flat)) == 0)
        r = ingest(flat, "")
        assert.equal(2, r.code)
        assert.truthy(r.err:find("btcusd.csv has prices with a part of one, those of " .. flat
            .. "/spy.zip/spy.csv are all whole, which LEAN, days or hours may multiply by 10000; "
            .. "say --scale 1 when all are as written, --scale 0.0001 when all are multiples",
            1, true), r.err)
    end)

    it("is scaled as the bundle was that it is appended to", function()
        local function coin(name, prices)
            child.write(folder .. "/" .. name, prices)
            return folder .. "/" .. name
        end
        local written = coin("btcusd.csv", "20200102 00:00,100.5,110,90,105,1\n"
            .. "20200103 00:00,105,120,100,110,1\n")
        assert.equal(0, ingest(written, "").code)
        os.remove(written)
        -- whole by itself; 110 would be 0.011
        local whole = coin("btcusd.csv", "20200106 00:00,110,130,100,120,1\n")
        local r = ingest(whole, "--append")
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:find("whole prices are taken as they are, since those of the bundle "
            .. "are written out (--scale overrides)", 1, true), r.err)
        assert.equal("BTCUSD 2020-01-06T23:59:59Z 110 130 100 120 1", dump(folder .. "/x")[3])
        -- and once more: the decision is that of the first ingest still
        whole = coin("btcusd.csv", "20200107 00:00,120,130,110,130,1\n")
        assert.equal(0, ingest(whole, "--append").code)
        assert.equal("BTCUSD 2020-01-07T23:59:59Z 120 130 110 130 1", dump(folder .. "/x")[4])
        local other = coin("ethusd.csv", "20200107 00:00,10,13,10,12,1\n")
        r = ingest(other, "--append")
        assert.equal(2, r.code)
        assert.truthy(r.err:find("all prices of " .. other .. " are whole, which LEAN, days or "
            .. "hours may multiply by 10000, but prices of bundle 'x' were written out; say "
            .. "--scale 1 when these are as written, --scale 0.0001 when they are multiples",
            1, true), r.err)
        -- the other way round
        assert.equal(0, ingest(whole, "").code)
        written = coin("btcusd.csv", "20200108 00:00,130.5,140,120,130,1\n")
        r = ingest(written, "--append")
        assert.equal(2, r.code)
        assert.truthy(r.err:find(written .. " has prices with a part of one, but those of bundle "
            .. "'x' were whole and divided by 10000; say --scale 1 when these are as written, "
            .. "ingest all anew when those were", 1, true), r.err)
    end)

    it("is scaled symbol by symbol where the bundle has both", function()
        local trees = { "equity/usa/daily/spy.csv", "equity/usa/daily/new.csv",
            "crypto/x/daily/btcusd.csv" }
        local function put(i, text)
            local path = folder .. "/t/" .. trees[i]
            os.execute("mkdir -p " .. path:match "(.*)/")
            child.write(path, text)
        end
        put(1, "20200102 00:00,100000,110000,90000,105000,1\n")
        put(3, "20200102 00:00,100.5,110,90,105,1\n")
        assert.equal(0, ingest(folder .. "/t", "--frequency 1d").code)
        put(1, "20200103 00:00,105000,110000,90000,100000,1\n") -- known as multiples
        put(2, "20200103 00:00,200000,210000,190000,200000,1\n") -- new, of their market
        put(3, "20200103 00:00,110,130,100,120,1\n") -- known as written
        local r = ingest(folder .. "/t", "--append --frequency 1d")
        assert.equal(0, r.code, r.err)
        local bars = dump(folder .. "/x")
        table.sort(bars)
        assert.same({ "BTCUSD 2020-01-02T23:59:59Z 100.5 110 90 105 1",
            "BTCUSD 2020-01-03T23:59:59Z 110 130 100 120 1",
            "NEW 2020-01-03T23:59:59Z 20 21 19 20 1",
            "SPY 2020-01-02T23:59:59Z 10 11 9 10.5 1",
            "SPY 2020-01-03T23:59:59Z 10.5 11 9 10 1" }, bars)
    end)

    -- Kibot's rows show month/day/year; Dukascopy's 02.01.2020 stays 2 January.
    it("has the order of dates that its source writes, whatever other files show", function()
        local r = ingest(F .. "kibot_intraday.txt", F .. "dukascopy.csv --adjusted all")
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:find("dates of Dukascopy are day/month/year, as the source writes them "
            .. "(--dates overrides)\ndates are month/day/year, as 01/15/2020 (" .. F
            .. "kibot_intraday.txt:1) shows", 1, true), r.err)
        local times = {}
        for i, bar in ipairs(dump(folder .. "/x")) do
            times[i] = bar:match "^%S+ (%S+)"
        end
        assert.same({ MINUTES[1], MINUTES[2], MINUTES[3], "2020-01-15T14:31:00Z",
            "2020-01-15T14:32:00Z", "2020-07-15T13:31:00Z" }, times)
    end)

    it("has the order of dates that its rows show, against its source's", function()
        local text = child.read(F .. "nasdaq.csv"):gsub("(01)/(1%d)/(2020)", "%2/%1/%3")
        child.write(folder .. "/resaved.csv", text)
        local r = ingest(folder .. "/resaved.csv", "")
        assert.equal(0, r.code, r.err)
        assert.truthy(r.err:find("dates are day/month/year, as 17/01/2020 (", 1, true), r.err)
        assert.equal("resaved " .. MID[1] .. " 10 11 9 10.5 100", dump(folder .. "/x")[1])
    end)

    it("may come from standard input, also packed", function()
        local function piped(path, options)
            return ingest("-", options, child.read(F .. path))
        end
        local r = piped("tiingo.csv", "--symbol T")
        assert.equal(0, r.code, r.err)
        assert.equal("T 2020-01-02T23:59:59Z 10 11 9 10.5 100", dump(folder .. "/x")[1])
        r = piped("polygon/2020-01-02.csv.gz", "--frequency 1d")
        assert.equal(0, r.code, r.err)
        r = piped("lean/equity/usa/daily/spy.zip", "")
        assert.equal(0, r.code, r.err)
        assert.equal("SPY 2020-01-02T23:59:59Z 10 11 9 10.5 100", dump(folder .. "/x")[1])
        r = piped("pandas.csv", "")
        assert.equal(2, r.code)
        assert.truthy(r.err:find("standard input has no column of symbols and no name; say "
            .. "--symbol", 1, true), r.err)
    end)
end)
