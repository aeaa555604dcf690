-- What a run's numbers rest on: each policy in force, which way it leans, and how to test it.

local number = require "backlua.text.number"

local FILLS = {
    next_open = { "Orders trade at the open of the bar after the decision.",
        "Neutral for daily bars; an opening auction may move against a large order.",
        "--fill next_close, and a higher slippage" },
    next_close = { "Orders trade at the close of the bar after the decision.",
        "Slow: half a bar is lost to a signal that decays.", "--fill next_open" },
    same_close = { "Orders trade at the close that they were decided on.",
        "Optimistic: nobody can trade at a price that is known only when it is over.",
        "--fill next_open" },
}
local INTRABAR = {
    pessimistic = { "A bar that met a stop and a target traded the stop.",
        "Against the strategy." },
    optimistic = { "A bar that met a stop and a target traded the target.",
        "For the strategy." },
    ohlc = { "Inside a bar the price went open, high, low, close.",
        "For long targets and short stops: it is a guess." },
}
local ADJUST = {
    all = { "History shows prices adjusted for splits and dividends known by then.",
        "None for signals; orders and fills are as quoted." },
    splits = { "History shows prices adjusted for splits known by then, not for dividends.",
        "Ex-dividend falls look like losses to a signal." },
    none = { "History shows prices as they were quoted.",
        "A split looks like a crash to a signal." },
}

local function row(what, how, leans, test)
    return { what, how, leans or "", test or "" }
end

local function intrabar_row(view)
    local policy = INTRABAR[view.manifest.intrabar]
    local times = view.result.ambiguous_bars
    return row("Inside a bar", policy[1], policy[2] .. (not times and ""
        or times == 0 and " It decided nothing here."
        or times == 1 and " It decided once here."
        or " It decided " .. number.count(times) .. " times here."),
        "ctx:set_intrabar, the other two")
end

local function calendar_row(view)
    local a = view.result.periods_per_year
    return row("Calendar", ("Sessions of the bundle; %s periods a year."):format(
        number.shortest(a)), "Annual figures scale with it.", "--periods-per-year")
end

local function convention_row(m)
    local convention = m.convention or "own"
    return row("Metrics: " .. convention, convention == "own"
        and "Sample deviation, arithmetic means, trades net of both sides' costs."
        or "As " .. convention .. " defines them; the result hash covers our own.",
        "Libraries disagree: compare numbers of one definition only.", "--convention empyrical, "
            .. "quantstats, backtesting.py; `backlua explain sharpe_ratio` says how")
end

-- What holds where nobody said otherwise, in a manifest's words.
local DEFAULTS = { fill = "next_open", intrabar = "pessimistic", adjust = "all", leverage = 1,
    on_insufficient = "reduce", delisting = "close" }

local assumptions = {}

--- The view of those who have no run: the options of a search (manifest.options of a study; nil:
-- none), and defaults for the rest.
function assumptions.view_of(options, periods_per_year)
    local costs = require "backlua.costs"
    local manifest = {}
    for name, value in pairs(DEFAULTS) do
        manifest[name] = options and options[name] or value
    end
    for _, family in ipairs { "commission", "slippage" } do
        local given = options and options[family] or costs.default(family)
        -- Of a custom one the manifest holds no function, so it does not read as a model.
        manifest[family] = given.kind == "custom" and "custom: a function of the search's script"
            or costs.describe(costs.read(family, given))
    end
    return { manifest = manifest, result = { periods_per_year = periods_per_year or 252 } }
end

--- What a policy does ("next_open", "ohlc"): { how, leans, test or nil }; nil when it is none.
function assumptions.policy(name)
    return FILLS[name] or INTRABAR[name]
end

--- Names of the policies.
function assumptions.policies()
    local names = {}
    for _, family in ipairs { FILLS, INTRABAR } do
        for name in pairs(family) do
            names[#names + 1] = name
        end
    end
    table.sort(names)
    return names
end

--- The section of a view: { manifest, result } of a run, or view_of.
function assumptions.section(view)
    local m = view.manifest
    local fill, adjust = FILLS[m.fill], ADJUST[m.adjust]
    local rows = {
        row("Decision", "handle_data runs at a bar's close and sees nothing later.",
            "None.", "backlua check"),
        row("Fills: " .. m.fill, unpack(fill)),
        row("Limits and stops", "Tested against the open, then the bar's high and low; a gap "
            .. "trades at the open.", "A limit fills when it is touched: optimistic in a queue.",
            "limits a tick further away"),
        intrabar_row(view),
        row("Brackets", "Stop loss and take profit are worked from the bar after their entry's.",
            "Optimistic for stops that the entry's own bar would have met.",
            "shorter bars, wider stops"),
        row("Phases", "Open, path, close; in each, orders that reduce come first. Cash of a later "
            .. "phase never pays for an earlier one.", "Against the strategy, slightly.", ""),
        row("Commission", m.commission, "", "double it"),
        row("Slippage", m.slippage, "Without one: optimistic. A share of the volume limits size. "
            .. "Never beyond the bar's low and high: a buy at the high costs none.", "double it"),
        row("Buying power", ("%s of equity; an order beyond it is %s."):format(
            type(m.leverage) == "number" and number.shortest(m.leverage) .. "x" or m.leverage,
            m.on_insufficient == "reject" and "rejected" or "reduced"), "", ""),
        row("Adjustment: " .. m.adjust, adjust[1], adjust[2], "--adjust splits, --adjust none"),
        row("Missing bars", "No bar, no trade; a position is worth its last traded price.",
            "Smooth: risk does not show while nothing trades.", ""),
        row("Delisting", m.delisting == "keep" and "Positions stay at their last price."
            or "Positions are closed at the delisting's value or the last price.",
            "Data without the dead ones flatters: ask whether the bundle has them.",
            "backlua bundle info"),
        calendar_row(view),
        convention_row(m),
    }
    return { id = "assumptions", title = "Assumptions",
        lead = "What the numbers rest on, which way each leans, and how to test it."
            .. (view.note or ""),
        blocks = { { type = "table", id = "assumption-list", columns = { { title = "What" },
            { title = "How", wide = true }, { title = "Leans", wide = true },
            { title = "Test it with", wide = true } }, rows = rows } } }
end

return assumptions
