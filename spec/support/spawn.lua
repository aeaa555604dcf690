-- A process, begun by posix_spawn and waited for: without a shell, which would take as long to
-- start as the program does.
--
--     local spawn = require "spec.support.spawn"
--     local code = spawn { "backlua", "run", "s.lua",    the program is looked for as execvp does
--         env = { "HOME=/tmp" },                         all of its environment
--         cwd = folder, stdin = path, stdout = path, stderr = path }
--
-- The exit code as a shell tells it: 128 and the signal that ended it, 127 of what was not found.

local ffi = require "ffi"

ffi.cdef [[
int posix_spawnp(int *pid, const char *file, const void *actions, const void *attributes,
    const char *const *words, const char *const *environment);
int posix_spawn_file_actions_init(void *actions);
int posix_spawn_file_actions_destroy(void *actions);
int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags,
    unsigned mode);
int posix_spawn_file_actions_addchdir_np(void *actions, const char *path);
int waitpid(int pid, int *status, int options);
]]

local C = ffi.C
local READ, WRITE, CREATE, NOT_FOUND = 0, 1, 0x40, 127

-- Strings as C has them, ended by NULL; they live as long as the list does.
local function pointers(list)
    local array = ffi.new("const char *[?]", #list + 1)
    for i, text in ipairs(list) do
        array[i - 1] = text
    end
    return array
end

local function code_of(status)
    local signal = status % 128
    return signal > 0 and 128 + signal or math.floor(status / 256) % 256
end

local function wait(pid)
    local status = ffi.new "int[1]"
    while C.waitpid(pid, status, 0) < 0 do -- a signal came first
    end
    return code_of(status[0])
end

return function(spec)
    local actions = ffi.new "int64_t[64]" -- no libc has as many bytes in it
    C.posix_spawn_file_actions_init(actions)
    C.posix_spawn_file_actions_addopen(actions, 0, spec.stdin, READ, 0)
    C.posix_spawn_file_actions_addopen(actions, 1, spec.stdout, WRITE + CREATE, 420)
    C.posix_spawn_file_actions_addopen(actions, 2, spec.stderr, WRITE + CREATE, 420)
    C.posix_spawn_file_actions_addchdir_np(actions, spec.cwd)
    local pid = ffi.new "int[1]"
    local failed = C.posix_spawnp(pid, spec[1], actions, nil, pointers(spec), pointers(spec.env))
    C.posix_spawn_file_actions_destroy(actions)
    return failed ~= 0 and NOT_FOUND or wait(pid[0])
end
