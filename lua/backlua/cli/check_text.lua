-- A verdict of the check for people: what was run again and came out the same, where the first
-- decision differs, and what stands in the strategy's text.

local color = require "backlua.text.color"
local date = require "backlua.text.date"
local number = require "backlua.text.number"

local TITLE_COLUMNS = 28

local function plural(n, noun)
    return number.count(n) .. " " .. noun .. (n == 1 and "" or "s")
end

local function instant(facts, seconds)
    return facts.daily and date.day(seconds) or date.time(seconds)
end

local function header(verdict, facts)
    return color.paint(1, "bold", ("%s on %s  %s..%s  %s, %s"):format(facts.name, facts.bundle,
        instant(facts, verdict.first), instant(facts, verdict.last), plural(verdict.bars, "bar"),
        plural(verdict.decisions, "decision"))) .. "\n"
end

local function state_of(check)
    if check.ok then
        return color.paint(1, "green", "same")
    end
    return color.paint(1, "red", check.error and "failed" or "differs")
end

local function check_lines(verdict)
    local lines = {}
    for i, check in ipairs(verdict.checks) do
        local gap = (" "):rep(TITLE_COLUMNS - #check.title)
        local runs = check.runs > 1 and "  " .. plural(check.runs, "run") or ""
        if check.runs > 0 then
            lines[i] = ("  %s%s%s%s\n"):format(check.title, gap, state_of(check), runs)
        else
            lines[i] = ("  %s%snothing to ask: no decision before the last bar\n"):format(
                check.title, gap)
        end
    end
    return table.concat(lines)
end

-- ---- the first difference ----------------------------------------------------------------------

local function source_line(program, name, wanted)
    local file = program
    for _, other in ipairs(program.files) do
        file = (other.shown or other.name) == name and other or file
    end
    return require "backlua.text.printable"(require "backlua.text.line_of"(file.text, wanted), true)
end

-- What was decided at the bar in question; a run that decides something only later did nothing.
local function decided(d, decision)
    if decision and decision.row == d.row then
        return decision.text
    end
    return not decision and d.failed or "nothing"
end

local function difference_text(check, facts)
    local d = check.difference
    local at = d.base and d.base.row == d.row and d.base or d.other or d
    local when = d.time and "at bar " .. instant(facts, d.time) or "at its beginning"
    local where = at.line and (", %s:%d%s"):format(at.file or facts.name, at.line,
        source_line(facts.program, at.file, at.line)) or ""
    return ("%s: %s, it differs%s\n    first run: %s\n    then:      %s\n"):format(
        color.paint(1, "bold", when), check.title, where, decided(d, d.base),
        decided(d, d.other))
end

local function explanation(check, facts)
    if check.error then
        return ("%s: %s\n"):format(check.title, check.error)
    elseif check.difference then
        return difference_text(check, facts)
    end
    return ("%s: the same decisions, another result: %s, at first %s\n"):format(check.title,
        check.hash:sub(1, 12), check.base_hash:sub(1, 12))
end

local FUTURE = { cut = true, empty = true, other = true }

-- The checks that failed: first those of repetition, without which the others say nothing; then by
-- the bar of the difference.
local function sort_failed(verdict)
    local failed = {}
    for i, check in ipairs(verdict.checks) do
        if not check.ok then
            local row = check.difference and check.difference.row or math.huge
            failed[#failed + 1] = { check = check, place = i,
                row = FUTURE[check.name] and row or -1 }
        end
    end
    table.sort(failed, function(a, b)
        return a.row < b.row or a.row == b.row and a.place < b.place
    end)
    return failed
end

local function conclusion(verdict, failed)
    if verdict.ok then
        return "It sees no future and repeats itself, as far as these runs can tell.\n"
            .. "Prices or dates written into the strategy are knowledge that no run can take "
            .. "away.\n"
    end
    local repeats, future = true, false
    for _, entry in ipairs(failed) do
        repeats = repeats and FUTURE[entry.check.name] or false
        future = future or FUTURE[entry.check.name] and entry.check.difference ~= nil
    end
    if not repeats then
        return "It does not repeat itself: the same run came out differently.\n"
    elseif future then
        return "It sees the future: a decision or a cost depends on bars that come after it.\n"
    end
    return "No verdict: a run could not be made.\n"
end

local function flag_lines(verdict)
    local lines = {}
    for i, flag in ipairs(verdict.flags) do
        lines[i] = ("  %s:%d: %s\n"):format(flag.file, flag.line, flag.text)
    end
    return #lines > 0 and "In its text\n" .. table.concat(lines) or ""
end

-- Text of a verdict (proof.lua). facts: { name, bundle, program, daily }.
return function(verdict, facts)
    local failed = sort_failed(verdict)
    local first = failed[1] and explanation(failed[1].check, facts) or ""
    return header(verdict, facts) .. check_lines(verdict) .. first .. flag_lines(verdict)
        .. conclusion(verdict, failed)
end
