-- The rows of build/bench.json as Markdown: machine and versions, the method, a table.

local json = require "backlua.json"

local METHOD = [[
Each row is the median of paired runs: ours and its reference in turn in one session, so that a
slow or busy machine slows both; +- is half the distance between the quartiles.]]

local function number(v)
    if not v or v ~= v then
        return ""
    end
    return math.abs(v) >= 1000 and ("%.0f"):format(v) or ("%.3g"):format(v)
end

local function ratio(row)
    if not row.ratio then
        return ""
    end
    local spread = row.spread and row.spread > 0 and (" +- %.0f %%"):format(100 * row.spread) or ""
    return number(row.ratio) .. spread
end

local function limits(row)
    return row.budget and number(row.budget) .. " / " .. number(row.aim) or ""
end

local function line(row)
    return ("| %s | %s | %s %s | %s | %s |"):format(row.id, row.what or "", number(row.value),
        row.unit or "", ratio(row), limits(row))
end

-- The Markdown of a file that make bench wrote.
return function(path)
    local file = assert(io.open(path), "no " .. path .. ": make bench writes it")
    local bench = json.decode(file:read "*a")
    file:close()
    local m = bench.machine
    local out = {
        ("%s, %d cores, %.0f GiB, %s, load %.2f; backlua %s (%s), %s."):format(m.cpu, m.cores,
            m.memory_gb, m.kernel, m.load, m.backlua, m.commit, m.luajit),
        METHOD, "",
        "| | work / reference | value | ratio | budget / aim |", "|---|---|---|---|---|",
    }
    for _, row in ipairs(bench.rows) do
        out[#out + 1] = line(row)
    end
    return table.concat(out, "\n") .. "\n"
end
