-- HyperbandPruner { n_blocks = 8, ... }

local pruner = require "backlua.optimization.pruner"

--- Hyperband: successive halving in several brackets, of which each lets its trials run longer
-- before it stops the first, so that late starters have their chance. A trial's number draws its
-- bracket. Blocks are equal parts of the backtest's span; trials are held against those of earlier
-- batches, so that what is pruned does not depend on the number of workers.
-- @param given n_blocks (27), n_warmup_blocks (1), reduction_factor (3), n_startup_trials (5:
--   complete ones before any is stopped)
-- Source: Li et al. 2018, JMLR 18(185).
local HyperbandPruner = pruner.constructor("HyperbandPruner", "hyperband", {
    n_blocks = { kind = "integer", min = 2, max = 64, default = 27 },
    reduction_factor = { kind = "number", min = 1.5, max = 64, default = 3 },
})

return { public = HyperbandPruner }
