--- On which sessions a function that ctx:schedule_function was given runs.
--
--     local date_rules = require "backlua.date_rules"
--     ctx:schedule_function(rebalance, date_rules.month_start(), time_rules.market_open())
--
--     every_day()
--     week_start(days_offset)    the (1 + days_offset)-th session of a week, Monday to Sunday; 0..4
--     week_end(days_offset)      counted from its last one
--     month_start(days_offset)   the same of a calendar month; 0..22
--     month_end(days_offset)
--
-- Names and defaults are Zipline's; an offset may stand in a table, {days_offset = 1}. A week or a
-- month with too few sessions has no such day. Sessions are the bundle's; beyond its last one every
-- weekday counts, so a bundle that stops on the 10th has no month end on the 10th.

return require("backlua.rules").dates
