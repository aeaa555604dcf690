-- What the first page promises: its commands run, and print what it shows.

local child = require "spec.support.child"
local transcript = require "spec.support.transcript"

local PAGE = child.read "README.md"

local function shell(folder, command)
    local r = child.run {
        "-c", command, program = "sh", cwd = folder,
        env = {
            PATH = child.program:match "^(.*)/" .. ":" .. os.getenv "PATH",
            BACKLUA_HOME = folder .. "/home", COLUMNS = "100",
        },
    }
    assert.equal(0, r.code, command .. "\n" .. r.err)
    return r
end

describe("README.md", function()
    local folder

    setup(function()
        folder = child.scratch()
        os.execute("mkdir " .. folder .. "/bundles; ln -s " .. child.root .. "/examples "
            .. folder .. "/examples")
        shell(folder, "backlua ingest --synthetic mag7 --seed 7 -b demo")
    end)
    teardown(child.clean)

    it("fits on a few screens", function()
        local _, lines = PAGE:gsub("\n", "")
        assert.is_true(lines <= 150, lines .. " lines")
    end)

    it("points at files that exist", function()
        for path in PAGE:gmatch "%]%(([^)#]+)%)" do
            if not path:find "^https?:" then
                assert.equal(0, os.execute("test -e " .. child.quote(path)), path)
            end
        end
    end)

    it("names targets that the Makefile has", function()
        local makefile = child.read "Makefile"
        for target in PAGE:gmatch "make ([%l-]+)" do
            assert.truthy(makefile:find("\n" .. target .. ":", 1, true)
                or makefile:match("\n[%l- ]*%f[%w]" .. target .. "%f[^%w][%l- ]*:"), target)
        end
    end)

    it("has a strategy beside Zipline's that runs", function()
        local lines = {}
        for code in PAGE:match "| Zipline | backlua |\n|[-|]+\n(.-)\n\n"
            :gmatch "|[^\n]- | `([^\n]*)` |%f[\n%z]" do
            lines[#lines + 1] = code
        end
        assert.is_true(#lines >= 8)
        child.write(folder .. "/zipline.lua", table.concat(lines, "\n"))
        local printed = shell(folder, "backlua run zipline.lua -b demo").out
        assert.truthy(printed:find("\nOrders: ", 1, true), printed)
    end)

    it("begins with a picture that its strategy makes", function()
        child.write(folder .. "/sma.lua", PAGE:match "```lua\n(%-%- sma%.lua\n.-)```")
        shell(folder, "backlua run sma.lua -b demo -s 2013-01-01")
        shell(folder, "backlua report last --figures equity,monthly -o sma.svg")
        local function picture(path)
            return (child.read(path):gsub(">run %x+ on", ">run on"))
        end
        assert.is_true(picture "examples/sma.svg" == picture(folder .. "/sma.svg"),
            "examples/sma.svg is not what the two commands above make any more; make it again")
    end)

    -- Its sections are taken apart into the rows of a bench, which must give them again.
    it("tells what optimisations bring in the words of the bench", function()
        local section = PAGE:match "## When optimisations pay\n.-\n\n%f[#]"
        local hits, megabytes = section:match "%((%d+) %% hits, (%d+) MB%)"
        local ids = { "layer-1", "layer-2", "layer-3", "layer-4", "layer-5", "B6-1", "B6-5",
            "B6-25", "B6-50" }
        local rows = {}
        for figure in section:gmatch "%f[%d.]%d%.%d%d%f[^%d]" do
            rows[#rows + 1] = { id = ids[#rows + 1], ratio = tonumber(figure),
                hit_rate = hits / 100, memory_mb = tonumber(megabytes) }
        end
        assert.equal(#ids, #rows)
        assert.equal(section, require "spec.bench.readme".optimisations { rows = rows })
    end)

    it("tells of speed in the words of the bench", function()
        local section = PAGE:match "## Performance\n.-\n\n|.-\n\n"
        local cores, cpu, luajit = section:match "(%d+) cores, ([^,]+), ([^)]+)%)"
        local rows, ids = {}, { "B2", "B1", "minute-handle", "grid-cold", "B8" }
        for value, unit, ratio in section:gmatch "| ([%d.]+) (m?s) |[^|]+| ([%d.]+) |" do
            rows[#rows + 1] = {
                id = ids[#rows + 1], value = value * (unit == "s" and 1000 or 1),
                ratio = tonumber(ratio),
            }
        end
        assert.equal(#ids, #rows)
        assert.equal(section, require "spec.bench.readme".performance {
            machine = { cores = tonumber(cores), cpu = cpu, luajit = luajit }, rows = rows,
        })
    end)

    it("shows what its commands print", function()
        for _, step in ipairs(transcript.steps(PAGE)) do
            if step.file then
                child.write(folder .. "/" .. step.file, step.text)
            else
                local printed = shell(folder, step.command).out
                assert.is_true(transcript.agrees(step.output, printed),
                    ("%s\nshown:\n%s\nprinted:\n%s"):format(step.command, step.output, printed))
            end
        end
    end)
end)
