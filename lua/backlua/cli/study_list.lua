-- backlua study list: a line for each study.

local ffi = require "ffi"
local facts = require "backlua.cli.study_facts"
local form = require "backlua.cli.form"
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local C = require("backlua.ffi").C

-- Enough of a study for a line. The best of a walk-forward takes its parameters.
local function glance(name)
    local module = require "backlua.optimization.study"
    local study, err = module.glance(name)
    if study and facts.kind_of(study) == "walk" then
        module.close(study)
        return module.read(name)
    end
    return study, err
end

-- Score of the best, nil without one.
local function best_score(study)
    if facts.kind_of(study) then
        local best = facts.best_of(study)
        return best and best.score
    end
    local position, t = C.bt_study_best(study), ffi.new "bt_trial"
    if position < 0 then
        return nil
    end
    C.bt_study_trial(study, position, t)
    return t.score
end

local function summary(name)
    local study, err = glance(name)
    if not study then
        return { name = name, err = err }
    end
    local best = best_score(study)
    local item = {
        name = name, trials = C.bt_study_count(study), objective = facts.meta(study, "objective"),
        best = best,
        front = not best and not facts.kind_of(study) and facts.front_size(study) or nil,
        strategy = facts.meta(study, "strategy"),
        bundle = facts.meta(study, "bundle"), created = facts.meta(study, "created"),
    }
    require("backlua.optimization.study").close(study)
    return item
end

local function value_of(items)
    local json, rows = require "backlua.text.json", {}
    for i, item in ipairs(items) do
        rows[i] = item.err and json.object { { "name", item.name }, { "error", item.err.message } }
            or json.object {
                { "name", item.name }, { "trials", item.trials }, { "objective", item.objective },
                { "best", item.best }, { "front", item.front },
                { "strategy", item.strategy }, { "bundle", item.bundle },
                { "created", item.created },
            }
    end
    return json.array(rows)
end

local COLUMNS = { { title = "name" }, { title = "trials", right = true },
    { title = "objective", optional = true },
    { title = "best", right = true }, { title = "strategy", optional = true },
    { title = "bundle", optional = true }, { title = "made", optional = true } }

local function list_text(items)
    local rows, damaged = {}, {}
    for i, item in ipairs(items) do
        if item.err then
            rows[i] = { item.name, "-" }
            damaged[#damaged + 1] = item.err.message
        else
            rows[i] = { item.name, number.count(item.trials), item.objective or "",
                item.best and number.fixed(item.best, 4)
                    or item.front and item.front > 0 and item.front .. " on the front" or "-",
                item.strategy or "",
                item.bundle or "", item.created or "" }
        end
    end
    output.write(require "backlua.text.table"(COLUMNS, rows, { columns = output.columns(),
        paint = function(text) return require "backlua.text.color".paint(1, "bold", text) end,
    }))
    for _, message in ipairs(damaged) do
        output.warn(message)
    end
end

-- Run with parsed values; exit code.
return function(args)
    local items = {}
    for i, name in ipairs(require "backlua.optimization.study".names()) do
        items[i] = summary(name)
    end
    if form.asked(args) then
        form.write(args, value_of(items))
    elseif #items == 0 then
        output.note "no study yet; `backlua optimize CONFIG.lua` makes one"
    else
        list_text(items)
    end
    return 0
end
