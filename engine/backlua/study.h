/* Studies: trials on disk. Conventions: backlua.h. */
#ifndef BACKLUA_STUDY_H
#define BACKLUA_STUDY_H

#include "backlua/odds.h"
#include "backlua/worker.h"

/* ---- studies ------------------------------------------------------------- */

enum {
    BT_TRIAL_DONE = 0,
    BT_TRIAL_INVALID = 1, /* the objective is no finite number */
    BT_TRIAL_FAILED = 2,  /* the strategy raised an error */
    BT_TRIAL_CRASHED = 3, /* killed its worker three times */
    BT_TRIAL_TIMEOUT = 4,
    BT_TRIAL_INFEASIBLE = 5, /* excluded by the constraint, not run */
    BT_TRIAL_PRUNED = 6,     /* stopped early: its first blocks fell behind */
    BT_TRIAL_VIOLATED = 7    /* ran, but a constraint on results is violated */
};
/* "done", "invalid", "failed", "crashed", "timeout", "infeasible", "pruned",
 * "violated". */
const char *bt_trial_state_name(int32_t state);

typedef struct bt_trial {
    int32_t number; /* 1, 2, ... in ask order */
    int32_t state;
    int32_t attempts, signal; /* signal that killed it, 0 */
    int32_t duplicate_of; /* number of the trial with the same params, or 0 */
    int32_t more_count;   /* objectives beside the first */
    int32_t step_count;   /* blocks with a value */
    double score;         /* as the objective defines it; NaN unless DONE or
                             VIOLATED. With several objectives: the first's */
    double more[BT_OBJECTIVES_MAX - 1]; /* [more_count] the others' */
    double violation; /* sum of what constraints on results are off by; 0: all
                         hold */
    double seconds;   /* of the backtest, in its worker */
    bt_time started;  /* when it began there; 0: not run */
    int32_t worker;   /* the process that ran it; 0: none */
    double metrics[BT_METRICS];
    char hash[65];       /* result hash of the run, "" if none */
    const double *steps; /* [step_count] scores after 1, 2, .. blocks;
                            borrowed */
    const char *params;  /* canonical text; borrowed */
    const char *message; /* error text or ""; borrowed */
} bt_trial;

/* What a worker reports of one trial; filled from Lua. A trial that a pruner
 * watches (blocks > 0) is cut into so many blocks of time; after each of them
 * it reports a score to bt_outcome_step. */
typedef struct bt_outcome {
    int32_t state; /* BT_TRIAL_*, not CRASHED or TIMEOUT */
    int32_t fatal; /* BT_E_* when no trial of this study can work, else 0 */
    int32_t more_count, step_count; /* as in bt_trial */
    int32_t blocks;                 /* 0: nobody watches */
    int32_t apart; /* 1: scores of each block alone, 0: of all so far */
    double score;  /* as the objective defines it */
    double more[BT_OBJECTIVES_MAX - 1];
    double violation;
    double metrics[BT_METRICS]; /* NaN where there is no backtest */
    double steps[BT_STEPS_MAX];
    char hash[65]; /* result hash of the run, "" if none */
} bt_outcome;

/* Keep the error text / what the trial printed. Past BT_TRIAL_LOG_MAX bytes a
 * log is cut and says so. */
enum { BT_TRIAL_LOG_MAX = 65536, BT_TRIAL_MESSAGE_MAX = 4096 };
void bt_outcome_message(bt_outcome *o, const char *text, int64_t n);
/* The score after the next block of time. 1: the trial is to stop and be
 * PRUNED. Scores past `blocks` are not taken. */
int32_t bt_outcome_step(bt_outcome *o, double score);
void bt_outcome_log(bt_outcome *o, const char *text, int64_t n);
/* Give the trial a series, returns of its sessions [n] as a rule, to be kept
 * with 4 or 8 bytes a value (width). Cut at BT_SERIES_MAX values. */
enum { BT_SERIES_MAX = 4000000 };
void bt_outcome_series(bt_outcome *o, const double *x, int32_t n,
                       int32_t width);

/* A study on disk or in memory, read side. */
typedef struct bt_study bt_study;

/* Open an existing study for reading. errors BT_E_DATA unknown (with the
 * nearest name) or damaged; BT_E_IO. */
bt_status bt_study_open(const char *name, bt_study **out);
/* The same for a list of studies, in less time: of a trial are read number,
 * state, scores and duplicate_of, all else is zero or "", and rows are not held
 * against their checksums. Best, top and front work; the hash does not.
 * errors as bt_study_open */
bt_status bt_study_glance(const char *name, bt_study **out);
void bt_study_close(bt_study *s);
int32_t bt_study_count(const bt_study *s);
/* i in [0, count), in trial order. errors BT_E_RANGE i. */
bt_status bt_study_trial(bt_study *s, int32_t i, bt_trial *out);
/* NULL for a study in memory. */
const char *bt_study_name(const bt_study *s);
/* Trials known to be on disk (in memory: all). */
int32_t bt_study_saved(const bt_study *s);
/* Position of the trial with this number, -1 when absent. */
int32_t bt_study_find(const bt_study *s, int32_t number);
/* Folder that studies live in. Borrowed until the next call; NULL without a
 * home folder. */
const char *bt_study_folder(void);

/* Value of a manifest key ("strategy", "seed", "higher_is_better", ...);
 * NULL. */
const char *bt_study_meta(bt_study *s, const char *key);
/* Position of the trial with the best score, -1 when none is DONE or when there
 * are several objectives, which have a front. Ties: the first. */
int32_t bt_study_top(bt_study *s);
/* Key of the number of a DONE trial that counts as the best instead. */
#define BT_STUDY_CHOSEN "chosen"
/* Position of the best trial: the chosen one, else bt_study_top. */
int32_t bt_study_best(bt_study *s);
/* Positions of the DONE trials that no other one dominates (is at least as good
 * in every objective and better in one), in trial order, without repeats of
 * parameters. Returns how many; the first `room` of them in out [room]. The
 * directions are the manifest's "higher_is_better", "1" or "0" an objective.
 * cost O(trials log trials) for two objectives, else O(trials * front) */
int32_t bt_study_front(bt_study *s, int32_t *out, int32_t room);
/* SHA-256 over (number, canonical params, state, score, run hash), with the
 * scores of several objectives and what pruned trials had come to. out [65] */
void bt_study_hash(bt_study *s, char *out);
/* What a trial printed, "" if nothing. Borrowed until the next call. */
const char *bt_study_log(bt_study *s, int32_t number);
/* Length of the series kept of a trial: the returns of its sessions; 0: none.
 * Studies keep those of trials with a score that repeat no earlier one. */
int32_t bt_study_periods(const bt_study *s, int32_t number);
/* Bytes of a value of that series as it is kept, 4 or 8; 0: none is. */
int32_t bt_study_series_width(const bt_study *s, int32_t number);
/* That series, out [bt_study_periods]. errors BT_E_RANGE none is kept;
 * BT_E_DATA it does not match its checksum; BT_E_IO */
bt_status bt_study_series(bt_study *s, int32_t number, double *out);
/* What the odds need of the trials of a study, taken as they come. */
typedef struct bt_cohort bt_cohort;
/* A cohort of at most so many trials with so many returns in all (2 trials in
 * any case); less: the risk-free rate of a period, taken off every return. */
bt_cohort *bt_cohort_new(int32_t most_trials, double most_values, double less);
void bt_cohort_free(bt_cohort *c);
/* bt_odds_luck of a study's trials whose returns are as many as the best's; of
 * more than the cohort takes, of a sample with the best in it. What the cohort
 * does not hold already is read.
 * errors BT_E_RANGE no trial has a score; no returns of the best are kept;
 *        periods a year <= 0; those of bt_study_series
 * source as of the single functions */
bt_status bt_study_luck(bt_study *s, bt_cohort *c, double tried,
                        double periods_per_year, uint64_t seed, bt_luck *out);

enum { BT_KEEP_BYTES = 64 << 20 }; /* the default */
/* Keep no series (0), as many as fit into so many bytes (a sample that does not
 * depend on scores, and the best trial's), or all (INFINITY). Before the first
 * trial of a run. errors BT_E_RANGE bytes below 0 or NaN */
bt_status bt_study_keep(bt_study *s, double bytes);
/* Create name in the studies folder, or a study in memory when name is NULL;
 * open one to go on with it. Write side: one process at a time.
 * errors BT_E_USAGE it exists / a name with other characters than letters,
 *        digits, '.', '_' and '-'; BT_E_DATA unknown (with the nearest name) or
 *        damaged; BT_E_BUSY names the owner; BT_E_IO */
bt_status bt_study_create(const char *name, bt_study **out);
bt_status bt_study_resume(const char *name, bt_study **out);
/* 1: accept a studies folder on NFS, SMB, FUSE or 9p, where neither locks nor
 * fsync can be relied on (--i-know). */
void bt_study_trust_file_system(int32_t on);
/* Set a manifest entry; on disk with the next commit, at the latest when the
 * first trial is. errors BT_E_STATE opened for reading */
bt_status bt_study_set_meta(bt_study *s, const char *key, const char *value);
/* What was set or added is on disk when this returns. errors BT_E_IO */
bt_status bt_study_flush(bt_study *s);
/* Give the study up to other writers; it can still be read. */
void bt_study_unlock(bt_study *s);
/* 1: there is a study of that name. cost a look at its file */
int32_t bt_study_exists(const char *name);
/* Sorted names in the studies folder. Borrowed until the next call. */
int32_t bt_study_list(const char *const **names);
/* errors BT_E_DATA unknown; BT_E_BUSY in use; BT_E_IO. */
bt_status bt_study_remove(const char *name);

#endif
