-- backlua explain: what a word means. The texts are those of the engine (metrics, reasons of
-- orders), of the declarations for editors (searches, everything that can be called) and of the
-- reports (assumptions): one source each.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local output = require "backlua.text.output"
local C = require("backlua.ffi").C

local command = {
    name = "explain",
    summary = "a metric, a reason, a search, a name, or all assumptions",
    usage = "TOPIC | assumptions | metrics | reasons | searches | output | exit",
    examples = {
        { "backlua explain sharpe_ratio", "formula and source" },
        { "backlua explain reduced_cash", "why an order ended so" },
        { "backlua explain BayesianOptimizer", "what a search does, and its options" },
        { "backlua explain assumptions", "what the numbers rest on, and which way each leans" },
        { "backlua explain output", "what --json and --csv write, command by command" },
    },
}

-- Arguments on an argparse parser.
function command.configure(parser)
    parser:argument("topic"):args "?" -- its absence deserves a better message
    form.configure(parser, "Topic and text as a JSON object.", "The same as CSV, key,value.")
end

-- ---- kinds of topics: { names() -> array, text(name) -> text or nil } ---------------------------

local reasons = {}

function reasons.names()
    local names = {}
    for i = 1, C.BT_REASONS - 1 do
        names[i] = ffi.string(C.bt_reason_name(i))
    end
    return names
end

function reasons.text(name)
    for i = 1, C.BT_REASONS - 1 do
        if ffi.string(C.bt_reason_name(i)) == name then
            return ("%s: why an order ended: %s\n"):format(name,
                ffi.string(C.bt_reason_text(i)))
        end
    end
end

local metrics = {}

function metrics.names()
    local names = require "backlua.metrics".names()
    for i = 0, C.BT_METRICS - 1 do
        local name = ffi.string(C.bt_metric_name(i))
        names[#names + 1] = C.bt_measure_find(name) < 0 and name or nil
    end
    table.sort(names)
    return names
end

local LEGEND = [[

  r returns, n their number, m mean, s deviation (ddof 1), A periods a year, V value of 1
  invested, f risk-free and t required rate a period, b the benchmark's returns
]]

local SHORT = { sharpe = "sharpe_ratio", sortino = "sortino_ratio", calmar = "calmar_ratio" }

function metrics.text(name)
    name = SHORT[name] or name
    local measure, metric = C.bt_measure_find(name), C.bt_metric_find(name)
    if measure >= 0 then
        return ("%s = %s%s"):format(name, ffi.string(C.bt_measure_text(measure)), LEGEND)
    elseif metric >= 0 then
        return ("%s = %s\n"):format(name, ffi.string(C.bt_metric_text(metric)))
    end
end

local policies = {}

function policies.names()
    return require "backlua.report.assumptions".policies()
end

function policies.text(name)
    local policy = require "backlua.report.assumptions".policy(name)
    return policy and ("%s: %s\n  leans: %s\n%s"):format(name, policy[1], policy[2],
        policy[3] and "  test it with: " .. policy[3] .. "\n" or "") or nil
end

-- ---- names that can be called -------------------------------------------------------------------

local api = {}

function api.names()
    return require "backlua.reference".names()
end

local function option_lines(entry)
    local reference, lines = require "backlua.reference", {}
    local owner = entry.name:gsub("Optimizer$", ""):gsub("Algorithm$", "") .. "Options"
    for _, field in ipairs(reference.entries()) do
        if field.kind == "field" and (field.owner == owner or field.owner == entry.name
            .. "Options") then
            lines[#lines + 1] = ("  %-24s %s\n"):format(field.name, field.text)
        end
    end
    return table.concat(lines)
end

function api.text(name)
    local found = require "backlua.reference".find(name)
    local parts = {}
    for i, entry in ipairs(found) do
        local example = entry.example and "  " .. entry.example .. "\n" or ""
        parts[i] = ("%s\n  %s\n%s%s"):format(entry.title, entry.text:gsub("\n", "\n  "), example,
            entry.owner == "optimization" and option_lines(entry) or "")
    end
    return #parts > 0 and table.concat(parts, "\n") or nil
end

local searches = {}
local DRIVERS = { ParallelOptimizer = true, WalkForwardOptimizer = true }

function searches.names()
    local names = {}
    for _, entry in ipairs(require "backlua.reference".entries()) do
        if entry.owner == "optimization" and (entry.name:find "Algorithm$"
            or entry.name:find "Optimizer$" and not DRIVERS[entry.name]) then
            names[#names + 1] = entry.name
        end
    end
    return names
end

-- What studies and reports call a search, where it is not the head of its constructor's name.
local ALIASES = { gp = "bayesian", bayes = "bayesian", lhs = "latinhypercube" }

local function head_of(name)
    return (name:lower():gsub("%(.*$", ""):gsub("[_%-%s]", ""):gsub("algorithm$", "")
        :gsub("optimizer$", ""):gsub("search$", ""))
end

-- By the word of a study's "Search" row, with its options or without: "tpe", "nsga2(...)"; and what
-- else is called so.
function searches.text(word)
    local head = head_of(word)
    for _, name in ipairs(searches.names()) do
        if head_of(name) == (ALIASES[head] or head) then
            local other = word ~= name and api.text(word)
            return api.text(name) .. (other and "\n" .. other or "")
        end
    end
end

-- ---- whole pages --------------------------------------------------------------------------------

local pages = {}

function pages.metrics()
    local lines = {}
    for i, name in ipairs(metrics.names()) do
        lines[i] = metrics.text(name):match "^[^\n]*\n"
    end
    return table.concat(lines) .. LEGEND
end

function pages.reasons()
    local lines = { "Why an order ended:\n" }
    for i = 1, C.BT_REASONS - 1 do
        lines[i + 1] = ("  %-14s%s\n"):format(ffi.string(C.bt_reason_name(i)),
            ffi.string(C.bt_reason_text(i)))
    end
    return table.concat(lines)
end

function pages.searches()
    local lines = {}
    for i, name in ipairs(searches.names()) do
        lines[i] = searches.text(name):match "^[^\n]*\n[^\n]*\n"
    end
    return table.concat(lines)
end

function pages.assumptions()
    return require "backlua.cli.explain_assumptions"()
end

function pages.output()
    return require "backlua.cli.schemas".text()
end

pages["exit"] = function()
    return [[
0    done
1    the strategy or the run failed
2    wrong usage or configuration
3    data missing or invalid
4    input or output failed
5    the study is in use by another process
6    not reproducible, or (check) a strategy sees the future
130  interrupted (Ctrl-C); 143 terminated
]]
end

-- ---- the command --------------------------------------------------------------------------------

local function unknown(topic)
    local names = {}
    for _, group in ipairs { pages, SHORT } do
        for name in pairs(group) do
            names[#names + 1] = name
        end
    end
    for _, kind in ipairs { reasons, metrics, policies, api } do
        for _, name in ipairs(kind.names()) do
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return failure.usage("nothing is called %s%s\nSee: backlua explain --help",
        require "backlua.text.quote"(topic), require "backlua.text.nearest".hint(topic, names))
end

-- Run with parsed values; exit code, or nil and a failure.
function command.run(args)
    local topic = args.topic
    if not topic then
        return nil, failure.usage("which topic? backlua explain %s", command.usage)
    end
    local text = pages[topic] and pages[topic]()
    for _, kind in ipairs { metrics, reasons, policies, searches, api } do
        text = text or kind.text(topic)
    end
    if not text then
        return nil, unknown(topic)
    end
    if form.asked(args) then
        form.write(args, require "backlua.text.json".object { { "topic", topic },
            { "text", text } })
    else
        output.write(text)
    end
    return 0
end

return command
