-- WilcoxonPruner { n_blocks = 8, ... }

local pruner = require "backlua.optimization.pruner"

--- Stops a trial that is likely worse than the best one before it: its blocks are paired with that
-- one's, each with a score of its own, and tested by Wilcoxon's signed ranks. A trial whose
-- average is the better one is never stopped. The one to use where single blocks say little, as
-- with markets. Blocks are equal parts of the backtest's span; trials are held against those of
-- earlier batches, so that what is pruned does not depend on the number of workers.
-- @param given p_threshold (0.1), n_blocks (16), n_startup_trials (1: complete ones before any
--   is stopped), n_warmup_blocks (2)
-- Source: Wilcoxon 1945, Biometrics 1(6).
local WilcoxonPruner = pruner.constructor("WilcoxonPruner", "wilcoxon", {
    p_threshold = { kind = "number", above = 0, below = 0.5, default = 0.1 },
    n_blocks = { kind = "integer", min = 2, max = 64, default = 16 },
    n_startup_trials = { kind = "integer", min = 1, max = 2 ^ 31 - 1, default = 1 },
    n_warmup_blocks = { kind = "integer", min = 1, max = 64, default = 2 },
})

return { public = WilcoxonPruner }
