-- Every strategy of a folder on one bundle, the best Sharpe ratio first.
--
--     backlua examples/19_folder.lua demo
--     backlua examples/19_folder.lua demo my/strategies
--
-- Look for: files that are no strategy, or that fail, are told of in their own line and stop
-- nothing. The strategies are fenced in; this script may list folders and write files.

local backlua = require "backlua"

local bundle = arg[1] or "demo"
local folder = arg[2] or arg[0]:match "^(.*)/" or "."

local function run(path)
    local result, err = backlua.run { strategy = path, bundle = bundle, print = function() end }
    return { name = path:match "[^/]*$", metrics = result and result.metrics,
        message = err and err.message:match "[^\n]*" }
end

local rows, failed = {}, {}
for path in io.popen(("ls '%s'/*.lua"):format(folder)):lines() do
    local row = run(path)
    table.insert(row.metrics and rows or failed, row)
end
table.sort(rows, function(a, b)
    local x, y = a.metrics.sharpe_ratio, b.metrics.sharpe_ratio
    return x == x and (y ~= y or x > y) -- without trades there is no Sharpe ratio
end)
for _, row in ipairs(rows) do
    print(("%-30s Sharpe %5.2f  return %9.1f %%  drawdown %6.1f %%"):format(row.name,
        row.metrics.sharpe_ratio, 100 * row.metrics.total_return,
        100 * row.metrics.max_drawdown))
end
for _, row in ipairs(failed) do
    print(("%-30s %s"):format(row.name, row.message))
end
