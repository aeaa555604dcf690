-- A walk-forward for people: its windows, what came out of sample, what moved, what to worry about.

local color = require "backlua.text.color"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local params_text = require("backlua.text.params").all
local render = require "backlua.text.table"
local sorted_keys = require "backlua.sorted_keys"

local fixed, percent = number.fixed, number.percent

local function header(view)
    local stats = view.results.stats
    local title = ("%s  %d windows  %s trials  %s"):format(view.script.shown:match "[^/]*$",
        #view.results.windows, number.count(stats.trials),
        require "backlua.cli.pace_text"(stats))
    return color.paint(1, "bold", title) .. "\n"
end

local function score_text(stage)
    return stage and stage.score and fixed(stage.score, 4) or "-"
end

local function columns(has_validation)
    local list = { { title = "window", right = true }, { title = "train", optional = "first" },
        { title = "test" }, { title = "params" },
        { title = "score", right = true, optional = true } }
    if has_validation then
        list[#list + 1] = { title = "validated", right = true, optional = true }
    end
    list[#list + 1] = { title = "tested", right = true }
    list[#list + 1] = { title = "return", right = true, optional = true }
    return list
end

local function row(window, has_validation)
    local train, test = window.train, window.test
    local cells = { tostring(window.window), train.first .. ".." .. train.last,
        test.first .. ".." .. test.last, params_text(window.params, " "), score_text(train) }
    if has_validation then
        cells[#cells + 1] = score_text(window.validation)
    end
    cells[#cells + 1] = score_text(test)
    cells[#cells + 1] = test.metrics and percent(test.metrics.total_return) or "-"
    return cells
end

local function windows_text(results)
    local has_validation, rows = results.windows[1].validation ~= nil, {}
    for i, window in ipairs(results.windows) do
        rows[i] = row(window, has_validation)
    end
    return render(columns(has_validation), rows, { indent = "  ", columns = output.columns() })
end

local function stability_text(results)
    local rows = {}
    for i, name in ipairs(sorted_keys(results.parameter_stability)) do
        local s = results.parameter_stability[name]
        local what = s.mean and ("mean %s, %s..%s, moves %s from window to window"):format(
            fixed(s.mean), number.shortest(s.min), number.shortest(s.max), fixed(s.drift))
            or ("mostly %s, changes %d times"):format(tostring(s.mode), s.changes)
        rows[i] = { name, (s.is_stable and "stable: " or "unstable: ") .. what }
    end
    return rows
end

local function out_of_sample(results)
    local oos = results.oos
    if not oos then
        return {}
    end
    local m = oos.metrics
    return {
        { "Out of sample", ("%s, Sharpe %s (t %s), max drawdown %s, %s trades"):format(
            percent(m.total_return), fixed(m.sharpe_ratio), fixed(oos.t), percent(m.max_drawdown),
            number.count(#oos.trades)) },
        { "Windows", ("%s with a profit%s"):format(percent(oos.profitable, 0),
            oos.largest_share and (", %s of all profit in one of them"):format(
                percent(oos.largest_share, 0)) or ", no profit together") },
    }
end

-- Text for stdout. view: { results, script, facts }.
return function(view)
    local results = view.results
    if results.splits then
        return require "backlua.cli.cpcv_text"(view)
    end
    local rows = out_of_sample(results)
    rows[#rows + 1] = { "Efficiency", results.efficiency
        and fixed(results.efficiency) .. " of train's growth per session was found in test"
        or "none: train's growth is below a tenth of its volatility, nothing to measure by" }
    for _, entry in ipairs(stability_text(results)) do
        rows[#rows + 1] = entry
    end
    if results.luck then
        rows[#rows + 1] = { "Is it real?", results.luck.sentence }
    end
    local study = require "backlua.optimization.results".pointer(results)
    for _, entry in ipairs(require "backlua.cli.trial_failures"(study)) do
        rows[#rows + 1] = entry
    end
    for _, warning in ipairs(results.warnings) do
        rows[#rows + 1] = { "Warning", warning }
    end
    return header(view) .. windows_text(results)
        .. render({ {}, {} }, rows, { indent = "  ", columns = output.columns() })
        .. require "backlua.cli.result_hash"(results)
end
