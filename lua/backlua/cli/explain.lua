-- backlua explain: what a word means. The texts are those of the engine (metrics, reasons of
-- orders), of the declarations for editors (searches, everything that can be called) and of the
-- reports (assumptions): one source each.

local ffi = require "ffi"
local failure = require "backlua.cli.failure"
local form = require "backlua.cli.form"
local output = require "backlua.text.output"
local paragraph = require "backlua.text.paragraph"
local C = require("backlua.ffi").C

local command = {
    name = "explain",
    summary = "a metric, a reason, a search, a name, or all assumptions",
    usage = "TOPIC | assumptions | metrics | reasons | searches | output | cache | exit",
    examples = {
        { "backlua explain sharpe_ratio", "formula and source" },
        { "backlua explain reduced_cash", "why an order ended so" },
        { "backlua explain BayesianOptimizer", "what a search does, and its options" },
        { "backlua explain assumptions", "what the numbers rest on" },
        { "backlua explain output", "what --json and --csv write" },
    },
}

-- Arguments on an argparse parser.
function command.configure(parser)
    parser:argument("topic"):args "?" -- its absence deserves a better message
    form.configure(parser, "Topic and text as a JSON object.", "The same as CSV, key,value.")
end

local HANGING = "    "

-- A line that goes on below itself.
local function hanging(...)
    return paragraph((...):format(select(2, ...)), output.page_columns(), "", HANGING)
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
            return hanging("%s: why an order ended: %s", name, ffi.string(C.bt_reason_text(i)))
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

local LEGEND = "r returns, n their number, m mean, s deviation (ddof 1), A periods a year, V value "
    .. "of 1 invested, f risk-free and t required rate a period, b the benchmark's returns"

local function legend()
    return "\n" .. paragraph(LEGEND, output.page_columns(), "  ")
end

local SHORT = { sharpe = "sharpe_ratio", sortino = "sortino_ratio", calmar = "calmar_ratio" }

-- The definition of a metric, and whether the legend says what its letters mean.
local function definition(name)
    local measure, metric = C.bt_measure_find(name), C.bt_metric_find(name)
    local text = measure >= 0 and C.bt_measure_text(measure)
        or metric >= 0 and C.bt_metric_text(metric)
    return text and hanging("%s = %s", name, ffi.string(text)), measure >= 0
end

function metrics.text(name)
    local text, has_letters = definition(SHORT[name] or name)
    return text and text .. (has_letters and legend() or "")
end

local policies = {}

function policies.names()
    return require "backlua.report.assumptions".policies()
end

function policies.text(name)
    local policy = require "backlua.report.assumptions".policy(name)
    return policy and hanging("%s: %s", name, policy[1]) .. hanging("  leans: %s", policy[2])
        .. (policy[3] and hanging("  test it with: %s", policy[3]) or "")
end

-- ---- names that can be called -------------------------------------------------------------------

local api = {}

function api.names()
    return require "backlua.reference".names()
end

function api.text(name)
    local found = require "backlua.reference".find(name)
    return #found > 0 and require "backlua.reference_text"(found, output.page_columns()) or nil
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
        lines[i] = definition(name)
    end
    return table.concat(lines) .. legend()
end

function pages.reasons()
    local rows = {}
    for i = 1, C.BT_REASONS - 1 do
        rows[i] = { ffi.string(C.bt_reason_name(i)), ffi.string(C.bt_reason_text(i)) }
    end
    return "Why an order ended:\n" .. require "backlua.text.table"({ {}, {} }, rows,
        { indent = "  ", columns = output.page_columns() })
end

function pages.searches()
    local rows = {}
    for i, name in ipairs(searches.names()) do
        rows[i] = { name, (require "backlua.reference".find("opt." .. name)[1].text) }
    end
    return require "backlua.text.table"({ {}, {} }, rows, { columns = output.page_columns() })
end

function pages.assumptions()
    return require "backlua.cli.explain_assumptions"(output.page_columns())
end

function pages.output()
    return require "backlua.cli.schemas".text(output.page_columns())
end

function pages.cache()
    return require "backlua.cli.explain_cache"(output.page_columns())
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
