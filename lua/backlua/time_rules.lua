--- When in a session a function that ctx:schedule_function was given runs.
--
--     local time_rules = require "backlua.time_rules"
--     ctx:schedule_function(rebalance, nil, time_rules.market_close { minutes = 30 })
--
--     market_open { hours =, minutes = }    so long after the session's open; 1 minute without
--     market_close { hours =, minutes = }   so long before its close (a half day closes early)
--     every_minute()                        on every bar
--
-- The function runs on the first bar that closes at or after that time, once a session; never in a
-- session that is too short for it. On daily bars there is one bar, and it runs on that. Names and
-- defaults are Zipline's.

return require("backlua.rules").times
