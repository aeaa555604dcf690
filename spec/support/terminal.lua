-- The program in a terminal of its own, typed at and looked at: tmux.
--
--     local t = terminal.open { "repl", "-b", path, env = {...} }
--     t:type "1 + 1\n"       as keys; \n is Enter
--     t:key "Tab"            a key by tmux's name: Tab, Up, C-c, ...
--     t:paste "a\nb\n"       as a terminal pastes
--     t:expect "\n2\n"       wait until this plain text stands behind what was expected before
--     t:press("C-c", "sure?")       a key, until a text has come
--     t:expect_prompt "backlua> "   wait until it asks for an input
--     t:close()              ends the program; terminal.stop() the server, at the end of a spec
--
-- Nothing here sleeps for a fixed time: expect looks until the text is there, and fails with the
-- screen when a minute was not enough; whoever expects something of that terminal again fails at
-- once.

local background = require "spec.support.background"
local child = require "spec.support.child"

local terminal = {}
local methods = {}
methods.__index = methods

local DEADLINE = 60 -- seconds

local folder, opened = nil, 0

local function tmux(words, input)
    local quoted = {}
    for i, word in ipairs(words) do
        quoted[i] = child.quote(word)
    end
    local command = ("tmux -u -S %s/socket -f /dev/null %s 2>&1"):format(folder,
        table.concat(quoted, " "))
    local pipe = assert(io.popen(input and command .. " <" .. child.quote(input) or command))
    local text = pipe:read "*a"
    pipe:close()
    return text
end

-- Open the program with the words of a table; further keys: env, cwd, columns (100), rows (40).
function terminal.open(spec)
    folder = folder or child.scratch()
    opened = opened + 1
    local env = { HOME = folder, BACKLUA_HOME = folder .. "/home", LANG = "C",
        XDG_STATE_HOME = folder .. "/state" .. opened }
    for name, value in pairs(spec.env or {}) do
        env[name] = value
    end
    local words = { "env", "-u", "NO_COLOR", "-u", "FORCE_COLOR" }
    for name, value in pairs(env) do
        words[#words + 1] = child.quote(name .. "=" .. value)
    end
    words[#words + 1] = child.quote(child.program)
    for _, word in ipairs(spec) do
        words[#words + 1] = child.quote(word)
    end
    local self = setmetatable({ name = "t" .. opened, mark = 1, state = env.XDG_STATE_HOME },
        methods)
    tmux { "new-session", "-d", "-s", self.name, "-x", spec.columns or "100", "-y",
        spec.rows or "40", "-c", spec.cwd or child.root,
        "trap : INT; " .. table.concat(words, " ") .. "; echo \"exit $?\"; exec cat" }
    return self
end

-- End the server with all that runs in it.
function terminal.stop()
    if folder then
        tmux { "kill-server" }
        folder = nil
    end
end

-- Type text; a newline is Enter.
function methods:type(text)
    for line, enter in text:gmatch "([^\n]*)(\n?)" do
        if line ~= "" then
            -- A semicolon at the end of a word would end tmux's command.
            tmux { "send-keys", "-t", self.name, "-l", "--", (line:gsub(";$", "\\;")) }
        end
        if enter ~= "" then
            tmux { "send-keys", "-t", self.name, "Enter" }
        end
    end
end

-- Press keys by their names.
function methods:key(...)
    for _, name in ipairs { ... } do
        tmux { "send-keys", "-t", self.name, name }
    end
end

-- Paste text, announced as a paste when the program asked for that.
function methods:paste(text)
    local path = folder .. "/paste"
    child.write(path, text)
    tmux { "load-buffer", path }
    tmux { "paste-buffer", "-p", "-t", self.name }
end

-- All that was ever on the screen, lines that were wrapped joined.
function methods:screen()
    return tmux { "capture-pane", "-p", "-J", "-t", self.name, "-S", "-" }
end

-- Wait until find(screen, mark) gives a place: what was there since the mark, which moves to it.
local function wait(self, what, find)
    if self.failed then
        error("this terminal failed before", 3)
    end
    local give_up = os.time() + DEADLINE
    local screen
    repeat
        screen = "\n" .. self:screen()
        local place = find(screen, self.mark)
        if place then
            local seen = screen:sub(self.mark, place)
            self.mark = place
            return seen
        end
        background.sleep(0.01)
    until os.time() > give_up
    self.failed = true
    error(("waited for %q; behind what was seen before there is:\n%s"):format(what,
        screen:sub(self.mark)), 3)
end

-- Wait until `text` stands behind what was expected before; returns what is there up to it. plain:
-- false for a pattern.
function methods:expect(text, plain)
    return wait(self, text, function(screen, mark)
        return (select(2, screen:find(text, mark, plain ~= false)))
    end)
end

-- Press a key, again and again, until `text` has come.
function methods:press(name, text)
    return wait(self, text, function(screen, mark)
        local stop = select(2, screen:find(text, mark, true))
        if not stop then
            self:key(name)
            background.sleep(0.1)
        end
        return stop
    end)
end

-- Wait until a line that holds `prompt` and nothing else is the last one.
function methods:expect_prompt(prompt)
    return wait(self, prompt, function(screen, mark)
        local start = screen:find("\n" .. prompt .. "%s*$", mark)
        return start and start + #prompt
    end)
end

-- Whether the program ran into its end; expects its exit code.
function methods:expect_exit(code)
    self:expect("exit " .. code .. "\n")
end

function methods:close()
    tmux { "kill-session", "-t", self.name }
end

return terminal
