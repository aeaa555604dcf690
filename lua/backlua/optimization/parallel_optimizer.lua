-- ParallelOptimizer { algorithm | param_space =, n_jobs =, worker_pool =, ... }:run { ... }

local class = require "backlua.optimization.class"
local execution = require "backlua.optimization.execution"
local optimizer_options = require "backlua.optimization.optimizer_options"
local options = require "backlua.options"

local methods = {}
local optimizer_class = class.new("ParallelOptimizer", methods)

--- A search for the best parameters of a strategy, on forked workers.
-- @param given algorithm, or param_space for a grid (either also as the first entry); n_jobs
--   (1..1024, -1 for all cores; default: physical cores less one) or worker_pool; config
--   (OptimizationConfig); objective (a metric's key, an ObjectiveFunction, or a function;
--   default "sharpe_ratio"; without a strategy a function of the parameters; a list of 2..4 of
--   them for a front instead of a best); constraint (function of the parameters; what it refuses
--   costs no trial); constraints (on results, { min_trades = 30, max_drawdown = -0.2,
--   function(result) ... end }: min_ or max_ and a metric's key, or functions whose number must
--   be 0 or less; a trial that violates one is never the best); pruner (MedianPruner {} and
--   others: trials whose first blocks of time fall behind are stopped; an objective that is a
--   function of the result is then asked after each block, too, with result.metrics so far and
--   nothing else; one that is a function of the parameters gets a second argument, trial, and
--   calls trial:report(score) after each step until it returns true); async (false; true: a
--   search that learns is asked whenever a worker is idle and told as results come, so that no
--   worker waits for a batch; another run asks other trials, the result hash promises nothing);
--   seed (1); max_trials (trials that the constraint did not refuse; not more than an n_iter that
--   the algorithm was given); batch (16); study (a name: trials are kept and a second
--   run goes on, unless an input changed; of functions their code is compared and the numbers,
--   texts, booleans and functions that they captured, not what they reach through tables and
--   globals);
--   select ("peak": the best trial is that of the highest score; "plateau": that of the highest
--   mean of itself and its neighbours one step away, though no higher than its own score; those
--   that were not run count as the median); keep ("returns": those of each trial's sessions as
--   float32, in 64 MB, a fair sample of the trials when they are too many, which is what
--   results.luck reckons with; "all": of every trial, as double; "summary": none); trial_timeout
--   (seconds; none); and audit ("auto": a few trials of a study of a second or more are run
--   again compiled and interpreted; "none", "all", or a number of trials, in full); verbose
--   (false; true: a line of progress on stderr while it runs, unless :run gets a progress). The
--   options of :run may stand here, too. An objective that is a function of the parameters may
--   return an array of returns per period as a second value. The guide's names are understood:
--   parameter_space, objective_function, max_eval_time (trial_timeout), batch_size (batch),
--   backend ("multiprocessing").
local function ParallelOptimizer(given)
    local values = options.check("ParallelOptimizer", optimizer_options.constructor,
        optimizer_options.of(given), 2)
    local message = optimizer_options.settle(values, "ParallelOptimizer")
    if message then
        error(message, 2)
    end
    return optimizer_class.new(values)
end

--- Search. given, options: strategy (a path or a source text), bundle, start_date, end_date,
-- capital, commission, slippage, fill, intrabar, lot, on_insufficient, leverage, long_only, adjust,
-- delisting, close_at_end, benchmark, history_start, periods_per_year, risk_free, convention,
-- unsafe; study; and progress, a function called now and then with
-- { done, total, rate, eta, elapsed, best = { params, score, text }, failed, infeasible,
-- duplicates, saved, workers, trials }, trials(n) being an array of the trials told so far without
-- the first n. They win over those of the constructor. convention ("own", "empyrical",
-- "quantstats", "backtesting.py"): whose definitions the metrics of trials follow, and so the
-- objective and constraints on them; run hashes, what a pruner compares, a walk's stitched series
-- and the odds of luck follow our own.
-- @return results (backlua.optimization.results), or nil and an error with code and message: a
--   bundle or strategy that cannot be read, a study in use, no trial that came to a score
function methods:run(given)
    if not optimizer_class.is(self) then
        error("run: call it with a colon, optimizer:run { ... }", 2)
    end
    local values = options.check("run", optimizer_options.call, given, 2)
    local results, err = execution.run(optimizer_options.join(
        optimizer_class.fields(self), values))
    if not results and err.misuse then
        error(err.message, 2)
    end
    return results, err
end

return {
    public = ParallelOptimizer, is = optimizer_class.is, fields = optimizer_class.fields,
    run = function(self, changes)
        return execution.run_script(optimizer_class.fields(self), changes)
    end,
    replay = function(self, changes, number)
        return execution.replay_script(optimizer_class.fields(self), changes, number)
    end,
}
