-- MedianPruner { n_blocks = 8, ... }

local pruner = require "backlua.optimization.pruner"

--- Stops a trial whose score over its first blocks is below the median of what the complete trials
-- before it had there. Blocks are equal parts of the backtest's span; trials are held against
-- those of earlier batches, so that what is pruned does not depend on the number of workers.
-- @param given n_blocks (8), n_startup_trials (5: complete ones before any is stopped),
--   n_warmup_blocks (1: blocks that every trial runs)
local MedianPruner = pruner.constructor("MedianPruner", "percentile", {})

return { public = MedianPruner }
