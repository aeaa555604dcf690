-- The layer check, on small trees made for it.

local function shell(command)
    local pipe = assert(io.popen(command .. "; echo exit $?"))
    local text = pipe:read "*a"
    pipe:close()
    return text
end

local function tree(files)
    local root = shell "mktemp -d":match "[^\n]+"
    for path, text in pairs(files) do
        os.execute(("mkdir -p '%s/%s'"):format(root, path:match "^(.*)/[^/]*$" or "."))
        local file = assert(io.open(root .. "/" .. path, "w"))
        file:write(text)
        file:close()
    end
    return root
end

local function check(files)
    local root = tree(files)
    local out = shell("luajit engine/tools/layers.lua " .. root)
    os.execute("rm -r " .. root)
    return (out:gsub(root:gsub("%p", "%%%0") .. "/", ""))
end

describe("the layer check", function()
    it("accepts arrows that run downwards", function()
        assert.equal("exit 0\n", check {
            ["backlua.h"] = '#include "backlua/run.h"\n',
            ["backlua/run.h"] = "#include <stdint.h>\n",
            ["base/a.h"] = '#include "backlua.h"\n',
            ["store/b.c"] = '#include "base/a.h"\n#include <sqlite3.h>\n',
        })
    end)

    it("names file and line of an arrow that runs upwards", function()
        local out = check {
            ["base/a.c"] = '\n#include "store/b.h"\n',
            ["store/b.h"] = "",
        }
        assert.matches("base/a.c:2: base must not include store/b.h", out, 1, true)
        assert.matches("exit 1", out)
    end)

    it("keeps the public headers free of the layers", function()
        local out = check { ["backlua/run.h"] = '#include "sim/b.h"\n', ["sim/b.h"] = "" }
        assert.matches("backlua/run.h:1: backlua must not include sim/b.h", out, 1, true)
    end)

    it("keeps search and proc apart", function()
        local out = check { ["search/a.c"] = '#include "proc/b.h"\n', ["proc/b.h"] = "" }
        assert.matches("search/a.c:1: search must not include proc/b.h", out, 1, true)
    end)

    it("keeps each library behind its gate", function()
        local out = check { ["sim/a.c"] = "#include <lua.h>\n" }
        assert.matches("sim/a.c:1: <lua.h> belongs to host, not to sim", out, 1, true)
    end)

    it("knows one file that forks", function()
        local fork = "pid_t pid = fork();\n"
        local out = check { ["proc/worker.c"] = fork, ["host/a.c"] = "/* fork() */\n" .. fork }
        assert.equal("host/a.c:2: fork() belongs to proc/worker.c alone\n"
            .. "layers: 1 problems in 2 files\nexit 1\n", out)
    end)

    it("refuses a file outside the layers and a header that is missing", function()
        local out = check { ["misc/a.c"] = "", ["base/b.c"] = '#include "base/c.h"\n' }
        assert.matches("misc/a.c:1: lies in no layer", out, 1, true)
        assert.matches("base/b.c:1: no such header: base/c.h", out, 1, true)
    end)
end)
