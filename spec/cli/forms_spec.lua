-- --json and --csv of every command: one value and one table, alone on stdout, with the keys that
-- the schema names, the same numbers in both to the last bit, and the exit code of the plain call.

local argparse = require "argparse"
local cjson = require "cjson"
local child = require "spec.support.child"
local number = require "backlua.text.number"
local registry = require "backlua.cli.commands"
local schemas = require "backlua.cli.schemas"

local HEADER = "date,open,high,low,close,volume\n"
local SPACE = [[
    strategy = "s.lua", bundle = "v", n_jobs = 1,
    param_space = opt.ParameterSpace {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3, step = 1 },
    },
]]
local STRATEGY = [[
params = { n = 1 }
function handle_data(ctx, data)
    ctx:order("AAA", data:current("AAA", "close") > 10 and ctx.params.n or -ctx.params.n)
    ctx:record { close = data:current("AAA", "close") / 3 }
end
]]

-- Calls by the name of their schema, in an order in which each finds what it needs; FORM is "text",
-- "json" or "csv". code: the exit code when it is not 0.
local CALLS = {
    { "ingest", "AAA.csv -b v --skip-bad" },
    { "ingest --synthetic", "--seed 3 -b FORM", flag = "mag7" },
    { "ingest --into", "mood.csv", flag = "v" },
    { "bundle list", "" }, { "bundle info", "v" }, { "bundle verify", "v nowhere", code = 3 },
    { "bundle diff", "v json" }, { "bundle export", "v -o out-FORM" },
    { "run", "s.lua -b v --metrics all" }, { "run", "s.lua -b v --convention quantstats" },
    { "run --why", "2024-01-05 s.lua -b v", flag = "AAA" },
    { "check", "s.lua -b v" }, { "check", "odd.lua -b v", code = 6 },
    { "optimize", "grid.lua --study g-FORM" }, { "optimize", "front.lua --study f-FORM" },
    { "walkforward", "walk.lua --study w-FORM" }, { "walkforward", "cpcv.lua --study c-FORM" },
    { "study list", "" }, { "study show", "g-csv" }, { "study best", "g-csv" },
    { "study best", "f-csv" }, { "study trials", "g-csv" },
    { "study trials", "g-csv --state failed" }, { "study resume", "g-csv" },
    { "study resume", "w-csv" }, { "study replay", "g-csv 2" }, { "study export", "g-csv" },
    { "study rm", "c-FORM --force" },
    { "report", "g-csv", text = false }, { "new", "n_FORM -b v" }, { "explain", "sharpe_ratio" },
    { "config show", "" }, { "doctor", "" }, { "bench", "" },
    { "bundle clean", "v --keep-last 1 --force" }, { "bundle rm", "FORM --force" },
}

-- Words of a call in a form.
local function words_of(call, form)
    local words = { "--quiet" }
    for word in (call[1] .. " " .. (call.flag or "") .. " " .. call[2]):gmatch "%S+" do
        words[#words + 1] = (word:gsub("FORM", form))
    end
    words[#words + 1] = form ~= "text" and "--" .. form or nil
    return words
end

-- ---- reading ---------------------------------------------------------------------------------

-- Rows of a CSV text (RFC 4180), each an array of texts.
local function rows_of(text)
    local rows, row, at = {}, {}, 1
    while at <= #text do
        local cell, after
        if text:sub(at, at) == '"' then
            local last = at
            repeat
                last = assert(text:find('"', last + 1, true), "an open quote")
                local double = text:sub(last + 1, last + 1) == '"'
                last = double and last + 1 or last
            until not double
            cell, after = text:sub(at + 1, last - 1):gsub('""', '"'), last + 1
        else
            after = text:find("[,\n]", at)
            cell = text:sub(at, after - 1)
        end
        row[#row + 1] = cell
        local mark = text:sub(after, after)
        assert.truthy(mark == "," or mark == "\n", "a cell ends with " .. mark)
        if mark == "\n" then
            rows[#rows + 1], row = row, {}
        end
        at = after + 1
    end
    assert.equal(0, #row, "the last line has no end")
    return rows
end

-- The rows below their header, by column; of tables that column 1 names, each below its own.
local function check_table(rows, is_named)
    local headers, records = {}, {}
    for _, row in ipairs(rows) do
        local name = is_named and row[1] or ""
        local header = headers[name]
        if not header then
            headers[name] = row
        else
            assert.equal(#header, #row, table.concat(row, ","))
            local record = {}
            for i, title in ipairs(header) do
                assert.not_equal("", title)
                record[title] = row[i]
            end
            records[#records + 1] = record
        end
    end
    return records
end

local function assert_shortest(text)
    local v = tonumber(text)
    if v and text:find "^-?%d" and #text < 30 then
        assert.equal(number.shortest(v), text)
    end
end

local function check_numbers(json, rows)
    local bare = json:gsub('\\.', ""):gsub('"[^"]*"', '""')
    for token in bare:gmatch "[%[:,](%-?%d[%d.eE+-]*)" do
        assert_shortest(token)
    end
    for _, row in ipairs(rows) do
        for _, text in ipairs(row) do
            assert_shortest(text)
        end
    end
end

-- ---- against the schema ------------------------------------------------------------------------

-- Keys that a schema names: true, or "maybe".
local function keys_of(schema)
    local keys = {}
    for key, mark in ("\n" .. schema.keys):gmatch "\n([%w_]+)(%??)" do
        keys[key] = mark == "?" and "maybe" or true
    end
    return keys
end

local function check_keys(schema, value, seen)
    local keys = keys_of(schema)
    for _, object in ipairs(schema.of == "array" and value or { value }) do
        for key in pairs(object) do
            seen[key] = true
            assert.truthy(keys.NAME or keys[key], schema[1] .. " has no key " .. tostring(key))
        end
        for key, how in pairs(keys) do
            assert.truthy(how == "maybe" or key == "NAME" or object[key] ~= nil,
                schema[1] .. " lacks " .. key)
        end
    end
end

local ALIKE = { ["study show"] = "optimize", ["study export"] = "optimize",
    ["study rm"] = "bundle rm" }

local function schema_of(name, value)
    if name == "study resume" then
        name = value.windows and "walkforward" or "optimize"
    end
    return assert(schemas.of(ALIKE[name] or name), name)
end

-- The list that is the table, where a cell is what the same key is in JSON.
local MAIN = { ["run --why"] = "bars", walkforward = "windows", check = "checks",
    ["bundle info"] = "symbols" }

local SELF = { run = true, report = true } -- column 1 names the table
-- Whose cells are not those of the JSON beside: other names, other columns, times of the machine.
local APART = { run = true, report = true, optimize = true, bench = true, ["study show"] = true,
    ["study export"] = true, ["study rm"] = true, ["bundle rm"] = true }

local function compare(name, value, records)
    local list = MAIN[name] and (value[MAIN[name]] or value.splits) or value
    if #list == 0 then
        return
    end
    assert.equal(#list, #records)
    for i, record in ipairs(records) do
        for key, cell in pairs(record) do
            local inner = list[i]
            for part in key:gmatch "[^.]+" do
                inner = type(inner) == "table" and inner[part] or nil
            end
            if type(inner) == "number" or type(inner) == "string" or type(inner) == "boolean" then
                assert.equal(tostring(inner), type(inner) == "number"
                    and tostring(tonumber(cell)) or cell)
            end
        end
    end
end

local RARE = { front = true, error = true, flows = true, actions = true, NAME = true }

-- Verbs with their parsers, as calls have them.
local function commands()
    local list = {}
    for _, name in ipairs(registry.names()) do
        local module, parser = registry.module(name), argparse(name)
        module.configure(parser)
        for _, inner in ipairs(#parser._commands > 0 and parser._commands or { parser }) do
            list[#list + 1] = { inner == parser and name or name .. " " .. inner._name, inner,
                module }
        end
    end
    return list
end

local function has_option(parser, name)
    for _, option in ipairs(parser._options) do
        for _, alias in ipairs(option._aliases) do
            if alias == name then
                return true
            end
        end
    end
    return false
end

describe("--json and --csv", function()
    local folder, env

    setup(function()
        folder = child.scratch()
        env = { BACKLUA_BUNDLES = folder .. "/bundles", BACKLUA_HOME = folder .. "/home",
            HOME = folder, TMPDIR = folder }
        local lines = { HEADER }
        for day = 1, 28 do
            lines[#lines + 1] = ("2024-01-%02d,10.1,12.7,9.3,%d.%d,100\n"):format(day, 10 + day % 2,
                day % 7)
        end
        lines[#lines + 1] = "2024-01-29,11,13,12,10,200\n" -- the high is no high
        child.write(folder .. "/AAA.csv", table.concat(lines))
        child.write(folder .. "/mood.csv", "date,mood,note\n2024-01-02,0.1,x\n")
        child.write(folder .. "/s.lua", STRATEGY)
        child.write(folder .. "/odd.lua", child.read "spec/fixtures/leaks/last_bar.lua"
            :gsub("AAPL", "AAA"))
        local head = 'local opt = require "backlua.optimization"\nreturn opt.'
        child.write(folder .. "/grid.lua", head .. "ParallelOptimizer {" .. SPACE .. "}")
        child.write(folder .. "/front.lua", head .. "ParallelOptimizer {" .. SPACE
            .. 'objective = { "sharpe_ratio", "max_drawdown" } }')
        child.write(folder .. "/walk.lua", head .. "WalkForwardOptimizer {" .. SPACE
            .. "window_config = opt.WindowConfig { train_period_days = 10, "
            .. "validation_period_days = 0, test_period_days = 5 } }")
        child.write(folder .. "/cpcv.lua", head .. "WalkForwardOptimizer {" .. SPACE
            .. "window_config = opt.WindowConfig { mode = 'cpcv', groups = 4, test_groups = 2 } }")
    end)
    teardown(child.clean)

    local function call(entry, form)
        local words = words_of(entry, form)
        words.env, words.cwd = env, folder
        return child.run(words)
    end

    local seen = {}

    for _, entry in ipairs(CALLS) do
        local name = entry[1]
        it(("of %s %s"):format(name, entry[2]), function()
            local code = entry.code or 0
            if entry.text ~= false then
                local text = call(entry, "text")
                assert.equal(code, text.code, text.err)
            end
            local json, csv = call(entry, "json"), call(entry, "csv")
            assert.same({ code, code }, { json.code, csv.code }, json.err .. csv.err)
            local value = cjson.decode(json.out)
            assert.equal("\n", json.out:sub(-1))
            local schema = schema_of(name, value)
            seen[schema[1]] = seen[schema[1]] or {}
            if not (name == "study best" and value[1]) then
                check_keys(schema, value, seen[schema[1]])
            end
            local rows = rows_of(csv.out)
            local records = check_table(rows, SELF[name])
            check_numbers(json.out, name ~= "report" and rows or {}) -- it has texts as "6.0"
            if not APART[name] then
                compare(name, value, records)
            end
        end)
    end

    it("have calls here of every command", function()
        local called = {}
        for _, entry in ipairs(CALLS) do
            called[entry[1]] = true
        end
        for _, entry in ipairs(schemas.LIST) do
            assert.truthy(called[entry[1]], entry[1])
        end
        for _, entry in ipairs(commands()) do
            local name, parser, module = unpack(entry)
            assert.equal(module.no_form == nil, called[name] or false, name)
            assert.equal(module.no_form == nil, has_option(parser, "--json"), name)
            assert.equal(module.no_form == nil, has_option(parser, "--csv"), name)
        end
    end)

    it("say why a command has neither", function()
        for _, words in ipairs { { "completion", "bash", "--json" }, { "repl", "--csv" } } do
            words.env = env
            local r = child.run(words)
            assert.equal(2, r.code)
            assert.truthy(r.err:find("it has no " .. words[#words], 1, true), r.err)
        end
    end)

    it("do not go together", function()
        local r = child.run { "bundle", "list", "--json", "--csv", env = env }
        assert.same({ 2, "" }, { r.code, r.out })
        assert.truthy(r.err:find("--csv", 1, true), r.err)
    end)

    it("have no key in their schema that nothing wrote", function()
        for name, keys in pairs(seen) do
            for key in pairs(keys_of(schemas.of(name))) do
                assert.truthy(keys[key] or RARE[key], name .. ": " .. key)
            end
        end
    end)
end)
