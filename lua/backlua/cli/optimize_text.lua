-- An optimisation for people: what was done, the best trials, the study's hash.

local color = require "backlua.text.color"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local trial_table = require "backlua.cli.trial_table"

local TOP = 10

local function count(n, noun)
    return number.count(n) .. " " .. noun .. (n == 1 and "" or "s")
end

local function remarks(stats)
    local parts = {}
    for _, part in ipairs { { stats.infeasible, "excluded by the constraint" },
        { stats.failed, "without a score" }, { stats.pruned, "pruned" },
        { stats.violated, "violate a constraint" }, { stats.duplicates, "repeated" },
        { stats.resumed, "taken from the study" }, { stats.cached, "cached" } } do
        if part[1] > 0 then
            parts[#parts + 1] = number.count(part[1]) .. " " .. part[2]
        end
    end
    parts[#parts + 1] = stats.interrupted and "interrupted" or nil
    return #parts > 0 and " (" .. table.concat(parts, ", ") .. ")" or ""
end

-- Share of the blocks of time that trials ran through, when a pruner watched them.
local function blocks_text(view)
    local pruner = view.results.manifest.pruner or "none"
    local blocks = tonumber(pruner:match "n_blocks=(%d+)")
    if not blocks then
        return ""
    end
    local ran, all, ffi = 0, 0, require "ffi"
    local C, t = require "backlua.ffi".C, ffi.new "bt_trial"
    local study = require "backlua.optimization.results".pointer(view.results)
    for i = 0, C.bt_study_count(study) - 1 do
        C.bt_study_trial(study, i, t)
        ran, all = ran + t.step_count, all + (t.step_count > 0 and blocks or 0)
    end
    return all > 0 and ("  %.0f %% of the blocks run"):format(100 * ran / all) or ""
end

local function header(view)
    local stats = view.results.stats
    local title = ("%s  %s%s  %s"):format(view.script.shown:match "[^/]*$",
        count(stats.trials, "trial"), remarks(stats), require "backlua.cli.pace_text"(stats))
    return color.paint(1, "bold", title .. blocks_text(view)) .. "\n"
end

-- The scores over two parameters ({ x, y }, known to exist), as a map.
local function heat_text(view)
    if not view.heat then
        return ""
    end
    local heat = require "backlua.text.heat"
    local map, message = heat.grid(view.results.trials, view.heat[1], view.heat[2],
        { lower_is_better = not view.facts.higher_is_better })
    if not map then
        return message .. "\n"
    end
    return heat.draw(map, { fd = 1, columns = output.columns() })
end

-- Text for stdout. view: { results, script, facts, heat = { x, y } or nil }.
return function(view)
    local results, front = view.results, require "backlua.cli.front"
    local study = require "backlua.optimization.results".pointer(results)
    local options = {
        objective = view.facts.objective, backtests = results.manifest.bundle ~= nil,
    }
    local render = require "backlua.text.table"
    local body
    if front.is_several(view.facts.objective) then
        body = front.text(study, options, 2 * TOP)
    else
        local positions = trial_table.top(study, view.facts.higher_is_better, TOP)
        local columns, rows = trial_table.rows(study, positions, options)
        body = render(columns, rows, { indent = "  ", columns = output.columns() })
    end
    local several = front.is_several(view.facts.objective) -- whose luck is that of one best
    local rows = results.stats.failed > 0 and require "backlua.cli.trial_failures"(study) or {}
    local luck = several and {} or require "backlua.optimization.luck".rows(results.luck)
    for _, row in ipairs(luck) do
        rows[#rows + 1] = row
    end
    local shape = { indent = "  ", columns = output.columns() }
    return header(view) .. body .. heat_text(view) .. render({ {}, {} }, rows, shape)
        .. require "backlua.cli.result_hash"(results)
end
