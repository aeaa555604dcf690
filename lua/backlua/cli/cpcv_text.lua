-- A combinatorial purged cross-validation for people: its splits, its paths, what to worry about.

local color = require "backlua.text.color"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local params_text = require("backlua.text.params").all
local render = require "backlua.text.table"

local fixed, percent = number.fixed, number.percent

local function header(view)
    local results = view.results
    local title = ("%s  %d splits  %d paths  %s trials  %s  %d worker%s"):format(
        view.script.shown:match "[^/]*$", #results.splits, #results.paths,
        number.count(results.stats.trials), number.seconds(results.stats.seconds),
        results.stats.workers, results.stats.workers == 1 and "" or "s")
    return color.paint(1, "bold", title) .. "\n"
end

local function shown(score)
    return score and fixed(score, 4) or "-"
end

-- Of a search for all splits the last column is the median of all trials in test; of a search for
-- each it is what the winner earned there.
local function columns(shared)
    return { { title = "split", right = true }, { title = "tested" }, { title = "params" },
        { title = "train", right = true }, { title = "test", right = true },
        { title = shared and "median" or "return", right = true } }
end

local function last_cell(test)
    if test.metrics then
        return percent(test.metrics.total_return)
    end
    return shown(test.median)
end

local function splits_text(results)
    local rows = {}
    for i, split in ipairs(results.splits) do
        rows[i] = { tostring(i), table.concat(split.tested, " "), params_text(split.params, " "),
            shown(split.train.score), shown(split.test.score), last_cell(split.test) }
    end
    return render(columns(results.below_median ~= nil), rows, { indent = "  ",
        columns = output.columns() })
end

local PATHS = { { title = "path", right = true }, { title = "return", right = true },
    { title = "Sharpe", right = true }, { title = "max drawdown", right = true } }

local function paths_text(results)
    local rows = {}
    for i, path in ipairs(results.paths) do
        local m = path.metrics
        rows[i] = { tostring(i), percent(m.total_return), fixed(m.sharpe_ratio),
            percent(m.max_drawdown) }
    end
    return render(PATHS, rows, { indent = "  ", columns = output.columns() })
end

local function summary(results)
    local s, rows = results.sharpe, {}
    if s.n > 0 then
        rows[1] = { "Sharpe of paths", ("mean %s, median %s, %s..%s, standard deviation %s"):format(
            fixed(s.mean), fixed(s.median), fixed(s.min), fixed(s.max), fixed(s.std)) }
    end
    if results.below_median then
        rows[#rows + 1] = { "Overfit", percent(results.below_median, 0) .. " of the winners are "
            .. "below the median of all trials in test" }
    end
    if results.efficiency then
        rows[#rows + 1] = { "Efficiency", fixed(results.efficiency)
            .. " of train's growth per session was found in test" }
    end
    if results.luck then
        rows[#rows + 1] = { "Is it real?", results.luck.sentence }
    end
    for _, warning in ipairs(results.warnings) do
        rows[#rows + 1] = { "Warning", warning }
    end
    return render({ {}, {} }, rows, { indent = "  ", columns = output.columns() })
end

-- Text for stdout. view: { results, script }.
return function(view)
    local results = view.results
    return header(view) .. splits_text(results) .. paths_text(results) .. summary(results)
        .. require "backlua.cli.result_hash"(results)
end
