--- What a broker takes: for ctx:set_commission and the option `commission` of a run.
--
--     local commission = require "backlua.commission"
--     ctx:set_commission(commission.per_share { cost = 0.005, min_trade_cost = 1 })
--
--     none {}
--     per_share { cost = 0.001, min_trade_cost = 0 }  currency per unit; at least per order
--     per_trade { cost = 0 }                          currency per order, at its first fill
--     per_dollar { cost = 0.0015 }                    fraction of the traded value
--
-- Names and defaults are those of Zipline's PerShare, PerTrade and PerDollar. Each takes a table;
-- an unknown key or a negative number raises at the caller's line. Without any, a run charges
-- per_share { cost = 0.001 }.

return require("backlua.costs").constructors "commission"
