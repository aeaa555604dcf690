-- The first and last milliseconds of a command.
--
-- Loading modules, reading arguments, opening a bundle and printing a table runs each piece of code
-- once: compiling it or collecting its garbage costs more than it saves. A command that will soon
-- execute a backtest, or soon end, defers both; the backtest, or whoever does other lasting work,
-- ends that.

local startup = {}

local deferred = false

-- No compilation and no collection until startup.done().
function startup.defer()
    if not deferred and jit.status() then
        deferred = true
        jit.off()
        collectgarbage "stop"
    end
end

-- Back to normal; nothing happens when nothing was deferred.
function startup.done()
    if deferred then
        deferred = false
        jit.on()
        collectgarbage("restart", -1) -- the next cycle when memory has doubled, not at once
    end
end

return startup
