-- Run a function at one bar of a backtest.
--
--     local bar = require "spec.support.bar"
--     bar.at(5, { bundle = "two" }, function(ctx, data) ... end)     -- what it returns
--     bar.each({ bundle = "two" }, function(ctx, data, i) ... end)   -- at every bar
--     bar.raises("history: ...", function() ... end)   -- this message, at a line of the function

local backlua = require "backlua"

local bar = {}

local function backtest(options, strategy)
    local given = { strategy = strategy }
    for key, value in pairs(options) do
        given[key] = value
    end
    local result, err = backlua.run(given)
    if not result then
        error(err.message, 0)
    end
    return result
end

-- Errors of the body come out unchanged, not wrapped into the failure of a run.
function bar.each(options, body)
    local count, problem = 0, nil
    local result = backtest(options, {
        handle_data = function(ctx, data)
            count = count + 1
            if not problem then
                local ok, err = pcall(body, ctx, data, count)
                problem = not ok and { err } or nil
            end
        end,
    })
    if problem then
        error(problem[1], 0)
    end
    return result
end

function bar.at(at, options, body)
    local value
    local reached = false
    bar.each(options, function(ctx, data, i)
        if i == at then
            reached = true
            value = body(ctx, data)
        end
    end)
    assert(reached, "the backtest has fewer bars")
    return value
end

function bar.raises(message, body)
    local info = debug.getinfo(body, "S")
    local ok, err = pcall(body)
    assert(not ok, "nothing was raised; expected: " .. message)
    local line, said = tostring(err):match "^[^\n]-:(%d+): (.*)$"
    assert(said == message, ("raised: %s\nexpected: %s"):format(tostring(err), message))
    line = tonumber(line)
    assert(err:find(info.short_src, 1, true) == 1 and line >= info.linedefined
        and line <= info.lastlinedefined, "raised at another place: " .. err)
end

return bar
