-- PercentilePruner { n_blocks = 8, ... }

local pruner = require "backlua.optimization.pruner"

--- Stops a trial whose score over its first blocks is not among the best `percentile` per cent of
-- what the complete trials before it had there. Blocks are equal parts of the backtest's span;
-- trials are held against those of earlier batches, so that what is pruned does not depend on the
-- number of workers.
-- @param given percentile (25), n_blocks (8), n_startup_trials (5: complete ones before any is
--   stopped), n_warmup_blocks (1: blocks that every trial runs)
local PercentilePruner = pruner.constructor("PercentilePruner", "percentile", {
    percentile = { kind = "number", above = 0, below = 100, default = 25 },
})

return { public = PercentilePruner }
