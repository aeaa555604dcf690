-- HTTP over one connection to a port of this machine, which stays open from one request to the
-- next: a process for each would cost more than what is asked.
--
--     local http = require "spec.support.http"
--     local line = http.connect(9515)
--     local body = line:ask("POST", "/session", "{}")    of the answer, whatever its status
--     line:close()

local ffi = require "ffi"

ffi.cdef [[
struct http_address { uint16_t family, port; uint32_t host; char zero[8]; };
struct http_time { long seconds, microseconds; };
int socket(int domain, int type, int protocol);
int connect(int fd, const void *address, uint32_t size);
int setsockopt(int fd, int level, int name, const void *value, uint32_t size);
ssize_t send(int fd, const char *bytes, size_t size, int flags);
ssize_t recv(int fd, char *bytes, size_t size, int flags);
uint16_t htons(uint16_t number);
uint32_t htonl(uint32_t number);
int close(int fd);
]]

local C = ffi.C
local INET, STREAM, SOCKET, RECEIVE_TIMEOUT, NO_SIGNAL = 2, 1, 1, 20, 0x4000
local PATIENCE, ROOM = 120, 65536
local REQUEST = "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    .. "Content-Length: %d\r\n\r\n%s"

local http, methods = {}, {}
methods.__index = methods

function http.connect(port)
    local fd = C.socket(INET, STREAM, 0)
    local to = ffi.new("struct http_address", { INET, C.htons(port), C.htonl(0x7f000001) })
    local time = ffi.new("struct http_time", { PATIENCE })
    C.setsockopt(fd, SOCKET, RECEIVE_TIMEOUT, time, ffi.sizeof(time))
    assert(C.connect(fd, to, ffi.sizeof(to)) == 0, "nobody listens on port " .. port)
    return setmetatable({ fd = fd, room = ffi.new("char[?]", ROOM) }, methods)
end

local function send(self, text)
    local sent = 0
    while sent < #text do
        local n = tonumber(C.send(self.fd, ffi.cast("const char *", text) + sent, #text - sent,
            NO_SIGNAL))
        assert(n > 0, "the connection is closed")
        sent = sent + n
    end
end

local function receive(self)
    local n = tonumber(C.recv(self.fd, self.room, ROOM, 0))
    assert(n > 0, "no answer")
    return ffi.string(self.room, n)
end

function methods:ask(method, path, body)
    send(self, REQUEST:format(method, path, #body, body))
    local head = ""
    repeat
        head = head .. receive(self)
    until head:find("\r\n\r\n", 1, true)
    local rest = head:match "\r\n\r\n(.*)$"
    local size = tonumber(head:lower():match "content%-length: *(%d+)")
    local parts, got = { rest }, #rest
    while got < size do
        parts[#parts + 1] = receive(self)
        got = got + #parts[#parts]
    end
    return table.concat(parts)
end

function methods:close()
    C.close(self.fd)
end

return http
