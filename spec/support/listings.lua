-- How often a folder is listed while something goes on, by this process or another.
--
--     local n = listings.count(folder, function() bed:run { "study", "show", "s" } end)

local ffi = require "ffi"

ffi.cdef [[
int inotify_init1(int flags);
int inotify_add_watch(int fd, const char *path, uint32_t mask);
ssize_t read(int fd, void *data, size_t n);
int close(int fd);
]]

local NONBLOCK, ACCESS = 0x800, 0x1
local listings = {}

-- Events of a watch on the folder itself have no name; those of its files have one.
local function own_events(data, n)
    local at, count = 0, 0
    while at < n do
        local event = ffi.cast("uint32_t *", data + at) -- wd, mask, cookie, length
        count = count + (event[3] == 0 and 1 or 0)
        at = at + 16 + event[3]
    end
    return count
end

--- Reads of the folder's entries while f runs: one or more a listing, 0 for none.
function listings.count(folder, f)
    local C = ffi.C
    local fd = C.inotify_init1(NONBLOCK)
    assert(fd >= 0 and C.inotify_add_watch(fd, folder, ACCESS) >= 0)
    f()
    local data, count = ffi.new "uint8_t[65536]", 0
    local n = C.read(fd, data, 65536)
    while n > 0 do
        count, n = count + own_events(data, n), C.read(fd, data, 65536)
    end
    C.close(fd)
    return count
end

return listings
