-- SuccessiveHalvingPruner { n_blocks = 8, ... }

local pruner = require "backlua.optimization.pruner"

--- Successive halving: after n_warmup_blocks, and after reduction_factor times as many, and so on,
-- only one in reduction_factor of the trials that came so far goes on. Blocks are equal parts of
-- the backtest's span; trials are held against those of earlier batches, so that what is pruned
-- does not depend on the number of workers.
-- @param given n_blocks (16), n_warmup_blocks (1), reduction_factor (4), n_startup_trials (5:
--   complete ones before any is stopped)
-- Source: Li et al. 2020, arXiv 1810.05934.
local SuccessiveHalvingPruner = pruner.constructor("SuccessiveHalvingPruner", "halving", {
    n_blocks = { kind = "integer", min = 2, max = 64, default = 16 },
    reduction_factor = { kind = "number", min = 1.5, max = 64, default = 4 },
})

return { public = SuccessiveHalvingPruner }
