-- From what was asked for to a document (page.lua), and from that to text.
--
--     local document, err = build.document("last", {})
--     local text = build.render(document, "html")

local errors = require "backlua.errors"
local subject = require "backlua.report.subject"

local build = {}

-- ---- a run -------------------------------------------------------------------------------------

-- What stands beside the run: what was asked for, else what the run itself was compared with, else
-- what it traded, bought and held.
local function benchmark_of(saved, result, given)
    local symbols
    if given.benchmark == "none" then
        return nil
    elseif not given.benchmark and result.benchmark then
        return require "backlua.report.again".own_benchmark(result)
    elseif given.benchmark then
        symbols = { given.benchmark }
    else
        symbols = require "backlua.report.run_trading".traded(result)
        table.sort(symbols)
    end
    if #symbols == 0 then
        return nil
    end
    local found, err = require "backlua.report.again".benchmark(saved, symbols)
    return found, err
end

local function statistics_beside(result, benchmark)
    if not benchmark or #benchmark.returns ~= result.daily.n then
        return result.statistics
    end
    local all = {}
    for key, v in pairs(result.statistics) do
        all[key] = v
    end
    local options = require "backlua.result_statistics".options(
        require "backlua.result".engine(result))
    options.benchmark = benchmark.returns
    local against = require "backlua.metrics".summary(result.daily.returns, options)
    for key, v in pairs(against) do
        all[key] = all[key] or v
    end
    return all
end

local function run_sections(view)
    local head, trading = require "backlua.report.run", require "backlua.report.run_trading"
    view.cards = head.cards(view)
    local price, err = trading.prices(view)
    if not price then
        return nil, err
    end
    local sections = { head.head(view) }
    local function add(section)
        sections[#sections + 1] = section
    end
    add(head.equity(view))
    if view.result.fill_count > 0 then -- else the rest is empty, and the summary says why
        add(head.calendar(view))
        add(head.rolling(view))
        add(head.distribution(view))
        add(head.drawdowns(view))
        add(trading.exposure(view))
        add(price)
    end
    add(trading.records(view))
    if view.result.fill_count > 0 then
        add(trading.trades(view))
    end
    add(trading.orders(view))
    add(trading.metrics(view))
    add(require "backlua.report.assumptions".section(view))
    return sections
end

local function run_document(found, given)
    local again = require "backlua.report.again"
    local result, job = again.run(found.saved)
    if not result then
        return nil, job
    end
    local benchmark, err = benchmark_of(found.saved, result, given)
    if not benchmark and err then
        require "backlua.run".release(job)
        return nil, err
    end
    local view = {
        name = found.name, result = result, manifest = result.manifest, job = job,
        daily = job.info.frequency == "1d", benchmark = benchmark,
        statistics = statistics_beside(result, benchmark),
        benchmark_statistics = benchmark and benchmark.statistics,
    }
    local sections
    if result.bars == 0 then
        sections, err = nil, errors.new("data", "the run has no bars to report on")
    else
        sections, err = run_sections(view)
    end
    require "backlua.run".release(job)
    if not sections then
        return nil, err
    end
    return {
        kind = "run", title = view.manifest.strategy.name:match "[^/]*$",
        subtitle = ("run %s on %s, %s to %s"):format(found.name, view.manifest.bundle.name,
            (view.manifest.first_bar or ""):sub(1, 10), (view.manifest.last_bar or ""):sub(1, 10)),
        sections = sections,
        times = {
            bars = { values = result.equity.time, n = result.bars, daily = view.daily },
            sessions = { values = result.daily.time, n = result.daily.n, daily = true,
                points = 2500 },
        },
    }
end

-- ---- all ---------------------------------------------------------------------------------------

local function study_document(found)
    local source, err = require "backlua.report.source".read(found)
    if not source then
        return nil, err
    end
    local kind = source.splits and "cpcv" or source.windows and "walk" or "study"
    return require("backlua.report." .. kind).document(found.name, source)
end

local KINDS = { run = run_document, study = study_document, walkforward = study_document }

-- The document of a name (subject.lua); nil, err. given: { benchmark = symbol or "none" }
function build.document(name, given)
    local found, err = subject.find(name)
    if not found then
        return nil, err
    end
    return KINDS[found.kind](found, given)
end

build.FORMATS = { "html", "svg", "md", "json", "csv" }

local RENDERERS = { html = "backlua.report.page", svg = "backlua.report.poster",
    md = "backlua.report.markdown", json = "backlua.report.plain_json",
    csv = "backlua.report.plain_csv" }

-- Text of a document in a format; figures: as poster.lua takes them. nil, err.
function build.render(document, format, figures)
    return require(RENDERERS[format])(document, figures)
end

return build
