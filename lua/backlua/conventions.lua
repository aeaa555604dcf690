-- Whose definitions statistics follow where libraries differ, in the order people are told of them.
-- The formulas are the engine's (backlua explain sharpe_ratio).

return { "own", "empyrical", "quantstats", "backtesting.py" }
