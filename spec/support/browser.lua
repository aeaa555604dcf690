-- A real browser: Debian's headless Chromium, driven over WebDriver (W3C) by chromedriver.
--
--     local browser = require "spec.support.browser".start()
--     browser:open(path)                  a file of this machine
--     browser:run("return document.title", ...)     the value of a script, arguments as given
--     browser:resize(390, 844)
--     browser:media("dark")               prefers-color-scheme, and the page redrawn by it
--     browser:move("#equity .plot", 0.5)  the pointer, at a share of the element's width
--     browser:wait(script)                until its value is true; raises after ten seconds
--     browser:click(selector), browser:type(selector, keys)
--     browser:complaints()                warnings and errors since the last call
--     browser:requests()                  addresses asked for since the last call
--     browser:screenshot(path)
--     browser:stop()

local background = require "spec.support.background"
local child = require "spec.support.child"
local http = require "spec.support.http"
local json = require "backlua.json"

local methods = {}
methods.__index = methods

local ARGUMENTS = { "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-sync", "--disable-background-networking", "--disable-dev-shm-usage",
    "--disable-component-update", "--disable-default-apps", "--hide-scrollbars",
    "--force-prefers-reduced-motion", -- a pointer that meets a page in motion hits anything
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1" }

local function shell(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read "*a"
    pipe:close()
    return text
end

-- One command of the protocol; raises what the driver answers with an error.
local function ask(self, method, path, body)
    local text = self.line:ask(method, path, body or "")
    local answer = json.decode(text, 256 * 1024 * 1024)
    assert(answer, "no answer from the driver: " .. text:sub(1, 200))
    if type(answer.value) == "table" and answer.value.error then
        error(path .. ": " .. answer.value.error .. ": " .. answer.value.message:sub(1, 400), 3)
    end
    return answer.value
end

local function post(self, path, body)
    return ask(self, "POST", self.session .. path, json.encode(body))
end

-- The driver picks a free port and says which.
local function start_driver(self)
    local out = self.folder .. "/driver"
    self.pid = tonumber(shell(("HOME=%s TMPDIR=%s timeout -k 5 600 chromedriver --port=0 >%s 2>&1 "
        .. "</dev/null & echo $!"):format(self.folder, self.folder, out)))
    for _ = 1, 6000 do
        local port = child.read(out):match "successfully on port (%d+)"
        if port then
            self.line = http.connect(tonumber(port))
            return
        end
        background.sleep(0.005)
    end
    error("chromedriver did not start: " .. child.read(out))
end

local function start()
    local self = setmetatable({ folder = child.scratch(), session = "" }, methods)
    start_driver(self)
    local arguments = { unpack(ARGUMENTS) }
    arguments[#arguments + 1] = "--user-data-dir=" .. self.folder .. "/profile"
    local made = post(self, "/session", { capabilities = { alwaysMatch = {
        browserName = "chrome",
        ["goog:chromeOptions"] = { args = arguments },
        ["goog:loggingPrefs"] = { browser = "ALL", performance = "ALL" },
    } } })
    self.session = "/session/" .. made.sessionId
    return self
end

function methods:open(path)
    post(self, "/url", { url = "file://" .. path })
end

function methods:run(script, ...)
    return post(self, "/execute/sync", { script = script, args = json.array { ... } })
end

local function devtools(self, command, parameters)
    return post(self, "/goog/cdp/execute", { cmd = command, params = parameters })
end

function methods:resize(width, height)
    devtools(self, "Emulation.setDeviceMetricsOverride", { width = width, height = height,
        deviceScaleFactor = 1, mobile = false })
    self:frame()
end

-- Until the page was laid out and painted with what it was told: its own listeners of
-- sizes and of media hear of them just before a frame.
function methods:frame()
    post(self, "/execute/async", { args = json.array {}, script =
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))" })
end

function methods:media(scheme)
    devtools(self, "Emulation.setEmulatedMedia", {
        features = { { name = "prefers-color-scheme", value = scheme } } })
    self:frame()
end

local ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

local function find(self, selector)
    return post(self, "/element", { using = "css selector", value = selector })[ELEMENT]
end

function methods:move(selector, share)
    local id = find(self, selector)
    self:run("arguments[0].scrollIntoView({ block: 'center' })", { [ELEMENT] = id })
    self:frame()
    local width = self:run("return arguments[0].clientWidth", { [ELEMENT] = id })
    post(self, "/actions", { actions = { { type = "pointer", id = "mouse",
        actions = { { type = "pointerMove", duration = 0, origin = { [ELEMENT] = id },
            x = math.floor(width * (share - 0.5)), y = 0 } } } } })
end

function methods:wait(script)
    for _ = 1, 1000 do
        if self:run(script) then
            return
        end
        background.sleep(0.01)
    end
    error("ten seconds went by without: " .. script, 2)
end

function methods:click(selector)
    post(self, "/element/" .. find(self, selector) .. "/click", { force = true })
end

function methods:type(selector, keys)
    post(self, "/element/" .. find(self, selector) .. "/value", { text = keys })
end

local function log(self, kind)
    return post(self, "/se/log", { type = kind })
end

-- Reading a canvas back is the test's own doing.
function methods:complaints()
    local list = {}
    for _, entry in ipairs(log(self, "browser")) do
        if not entry.message:find "willReadFrequently" then
            list[#list + 1] = entry.level .. " " .. entry.message:sub(1, 200)
        end
    end
    return list
end

-- The browser's first tab may still be loading what it is made of.
local function is_its_own(params)
    return params.documentURL:find "^chrome" ~= nil
end

function methods:requests()
    local list = {}
    for _, entry in ipairs(log(self, "performance")) do
        local message = json.decode(entry.message).message
        if message.method == "Network.requestWillBeSent" and not is_its_own(message.params) then
            list[#list + 1] = message.params.request.url
        end
    end
    return list
end

-- PNG of what is in view.
function methods:screenshot(path)
    local file = self.folder .. "/shot"
    child.write(file, ask(self, "GET", self.session .. "/screenshot"))
    os.execute(("base64 -d <%s >%s"):format(file, child.quote(path)))
end

function methods:stop()
    pcall(ask, self, "DELETE", self.session)
    self.line:close()
    background.kill(self.pid, 15)
end

return { start = start }
