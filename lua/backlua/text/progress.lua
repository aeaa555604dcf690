-- Progress on stderr: one line redrawn in place on a terminal, at most ten times a second;
-- elsewhere a plain line at every tenth of the work or every 30 seconds, whichever comes first;
-- nothing under --quiet.
--
--     local line = progress.new{ unit = "trials" }
--     line:update{ done = 200, total = 400, rate = 3100, eta = 0.06, best = "Sharpe 0.83" }
--     line:finish()

local C = require "backlua.ffi".C
local number = require "backlua.text.number"
local output = require "backlua.text.output"
local width = require "backlua.text.width"

local progress = {}
progress.__index = progress

local REDRAW_SECONDS, PLAIN_SECONDS = 0.1, 30
local BAR_CELLS = 20

-- options: unit (plural noun, "trials"); for tests also write (function of text), terminal
-- (boolean), columns (function), clock (function, seconds).
function progress.new(options)
    local self = setmetatable({}, progress)
    self.unit = options.unit or ""
    self.write = options.write or function(text) io.stderr:write(text) end
    self.clock = options.clock or C.bt_clock_seconds
    self.columns = options.columns or function() return C.bt_terminal_columns(2) end
    self.terminal = options.terminal
    if self.terminal == nil then
        self.terminal = C.bt_is_terminal(2) == 1 and os.getenv "TERM" ~= "dumb"
    end
    self.drawn_at, self.tenth, self.shown = -math.huge, 0, false
    return self
end

local function known(v)
    return v ~= nil and v == v and v >= 0 and v ~= math.huge
end

local function bar(fraction)
    local full = math.floor(math.min(math.max(fraction, 0), 1) * BAR_CELLS)
    return "[" .. ("#"):rep(full) .. ("."):rep(BAR_CELLS - full) .. "]"
end

local function counts(self, state, total)
    local text = number.count(state.done) .. (total and "/" .. number.count(total) or "")
    return self.unit ~= "" and text .. " " .. self.unit or text
end

-- "best ...", as much of it as `room` columns hold; nil when that says nothing.
local function best_text(state, room)
    if not state.best or state.best == "" or room < 12 then
        return nil
    end
    return width.cut("best " .. state.best, room)
end

-- The text of a state in at most `columns`: bar, counts, rate, best, ETA. Parts that are not known
-- are left out; the best one gives way to the others.
local function describe(self, state, with_bar, columns)
    local total = known(state.total) and state.total > 0 and state.total
    local parts = { counts(self, state, total) }
    if with_bar and total then
        table.insert(parts, 1, bar(state.done / total))
    end
    if known(state.rate) and state.rate > 0 then
        local what = state.rate_unit and " " .. state.rate_unit or ""
        parts[#parts + 1] = number.grouped(state.rate, state.rate < 10 and 1 or 0) .. what .. "/s"
    end
    local eta = known(state.eta)
        and "eta " .. number.seconds(math.ceil(state.eta)):gsub("%.%d+", "") or nil
    local used = width.of(table.concat(parts, "  ")) + (eta and #eta + 2 or 0) + 2
    parts[#parts + 1] = best_text(state, columns - used)
    parts[#parts + 1] = eta
    return width.cut(table.concat(parts, "  "), columns)
end

local function draw(self, state)
    local columns = self.columns()
    columns = columns > 0 and columns - 1 or math.huge
    self.write("\r" .. describe(self, state, true, columns) .. "\27[K")
    self.shown = true
end

local function plain_due(self, state, now)
    local total = known(state.total) and state.total > 0 and state.total
    local tenth = total and math.floor(state.done / total * 10) or 0
    if tenth > self.tenth or now - self.drawn_at >= PLAIN_SECONDS then
        self.tenth = math.max(tenth, self.tenth)
        return true
    end
    return false
end

-- Show a state { done, total, rate (per second), eta (seconds), best (text) } if it is time to.
-- rate_unit: what the rate counts when that is not the unit.
function progress:update(state)
    local now = self.clock()
    if output.quiet then
        return
    elseif self.terminal then
        if now - self.drawn_at >= REDRAW_SECONDS then
            self.drawn_at, self.last = now, nil
            draw(self, state)
        else
            self.last = state
        end
    elseif self.drawn_at == -math.huge then
        self.drawn_at = now -- the first plain line comes after some work
        plain_due(self, state, now)
    elseif plain_due(self, state, now) then
        self.drawn_at = now
        self.write(describe(self, state, false, math.huge) .. "\n")
    end
end

-- Leave the terminal line clean: the last state stays on it, later output starts on a new one.
function progress:finish()
    if not self.terminal or output.quiet then
        return
    elseif self.last then
        draw(self, self.last)
    end
    if self.shown then
        self.write "\n"
    end
end

-- Take the line off the terminal, for a message; the next update draws it again.
function progress:clear()
    if self.terminal and self.shown then
        self.write "\r\27[K"
        self.drawn_at, self.shown = -math.huge, false
    end
end

return progress
