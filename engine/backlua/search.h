/* Spaces of parameters and the searches over them. Conventions: backlua.h. */
#ifndef BACKLUA_SEARCH_H
#define BACKLUA_SEARCH_H

#include "backlua/base.h"

/* ---- parameter spaces and searches --------------------------------------- */

typedef struct bt_space bt_space;

/* An empty space. Parameters keep the order in which they are added.
 * errors of all that follow: BT_E_RANGE names parameter, value and limits;
 * BT_E_USAGE a name used twice, a choice given twice. */
bt_space *bt_space_new(void);
void bt_space_free(bt_space *s);
/* min..max in steps; the range must hold a whole number of steps.
 * errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_int(bt_space *s, const char *name, int64_t min, int64_t max,
                       int64_t step);
/* min..max, of which the logarithm is evenly spread; min >= 1.
 * errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_int_log(bt_space *s, const char *name, int64_t min,
                           int64_t max);
enum { BT_PRIOR_UNIFORM = 0, BT_PRIOR_LOG_UNIFORM = 1, BT_PRIOR_NORMAL = 2 };
/* points: grid resolution, >= 2; log-spaced under the log prior.
 * errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_float(bt_space *s, const char *name, double min, double max,
                         int32_t prior, int32_t points);
/* A float on min, min + step .. max; the step must divide the range.
 * errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_float_steps(bt_space *s, const char *name, double min,
                               double max, double step);
/* Choices are added one by one; at least 2, all different. A choice is a
 * string, a number or a boolean. errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_choice(bt_space *s, const char *name);
bt_status bt_space_choice_string(bt_space *s, const char *value);
bt_status bt_space_choice_number(bt_space *s, double value);
bt_status bt_space_choice_bool(bt_space *s, int32_t value);
/* The choices of the last parameter are in order, like steps; it has just one,
 * and is fixed. errors BT_E_STATE it has no choices, or others. */
bt_status bt_space_ordered(bt_space *s);
bt_status bt_space_fixed(bt_space *s);
/* The last parameter is active only where an earlier one, `parent`, has one of
 * the values that follow one by one.
 * errors BT_E_NAME no such parameter before it, with the nearest; BT_E_USAGE
 * the parent is continuous, a second condition; BT_E_RANGE it never has the
 * value */
bt_status bt_space_active_if(bt_space *s, const char *parent);
bt_status bt_space_active_string(bt_space *s, const char *value);
bt_status bt_space_active_number(bt_space *s, double value);
bt_status bt_space_active_bool(bt_space *s, int32_t value);
/* At least one parameter, two choices for each that has choices.
 * errors BT_E_USAGE names the parameter. */
bt_status bt_space_check(const bt_space *s);
/* Points of the grid over the space (exact up to 2^53). */
double bt_space_cardinality(const bt_space *s);
/* What the space is, canonical: fast:int(5,43,2);mode:choice("a","b"). Borrowed
 * until the next call. */
const char *bt_space_text(const bt_space *s);

enum {
    BT_SEARCH_GRID = 0,
    BT_SEARCH_RANDOM = 1,
    BT_SEARCH_SOBOL = 2,
    BT_SEARCH_LATIN = 3,
    BT_SEARCH_TPE = 4,
    BT_SEARCH_GP = 5,
    BT_SEARCH_GENETIC = 6,
    BT_SEARCH_CMAES = 7,
    BT_SEARCH_NSGA2 = 8,
    BT_SEARCH_LISTED = 9, /* the points it knows, one after the other */
    BT_SEARCH_WALK = 10   /* bt_search_walk_new */
};

enum {
    BT_OBJECTIVES_MAX = 4, /* of a study */
    BT_STEPS_MAX = 64      /* blocks of time that a pruner looks at */
};

/* What a trial came to. Better are, in this order: trials that count, by score
 * or, with several objectives, by dominance; pruned ones, the later the better;
 * violated ones, the nearer the better; those without a number. */
typedef struct bt_verdict {
    double score[BT_OBJECTIVES_MAX]; /* larger is better; NaN: no number */
    double violation; /* of constraints on the result; 0: all hold */
    int32_t steps;    /* > 0: pruned after so many, where score[0] was it */
} bt_verdict;

/* How to search: a kind and what it may be told. */
typedef struct search_options bt_search_options;

/* A kind with its defaults: grid, random, sobol, lhs, tpe, gp, genetic, cmaes,
 * nsga2, listed.
 * max_trials: points to hand out at most, 0 = the search's own end; lhs needs
 * one. errors BT_E_NAME unknown kind; BT_E_RANGE max_trials below 0 */
bt_status bt_search_options_new(const char *kind, double max_trials,
                                double seed, bt_search_options **out);
void bt_search_options_free(bt_search_options *o);
/* Set an option that is a number, or yes and no as 1 and 0.
 * errors BT_E_NAME no such option, BT_E_RANGE names value and limits */
bt_status bt_search_options_number(bt_search_options *o, const char *name,
                                   double value);
/* Set an option that is one of a few words, in any case.
 * errors BT_E_NAME no such option or word, with the nearest */
bt_status bt_search_options_word(bt_search_options *o, const char *name,
                                 const char *value);
/* How many objectives a trial has, 1 unless set.
 * errors BT_E_RANGE not 1..BT_OBJECTIVES_MAX */
bt_status bt_search_options_objectives(bt_search_options *o, int32_t n);
/* What one option alone cannot say, once all are set.
 * errors BT_E_RANGE names both options and the limit */
bt_status bt_search_options_check(const bt_search_options *o);
enum { BT_WALK_MAX = 10000, BT_WALK_KEEP_MAX = 1000 };
/* Walk-forward over the space of `search` with two more parameters behind: a
 * whole number 1..windows and the choice of "train", "validation", "test". In
 * each window `search` finds, by at most `trials` that count (0 = all), the
 * `keep` best of train; validation (if there is one) chooses among them, test
 * tells of the chosen one. space and search are borrowed and must live longer.
 * errors BT_E_RANGE names value and limits */
bt_status bt_search_walk_new(const bt_space *space,
                             const bt_search_options *search, int32_t windows,
                             double trials, int32_t keep, int32_t validation,
                             bt_search_options **out);
/* "random" or "gp(acq_func=EI,...)": the kind and all its options, canonical.
 * Borrowed until the next call. */
const char *bt_search_options_text(const bt_search_options *o);

/* One set of parameters of a space, made value by value. */
typedef struct bt_point bt_point;

/* An empty point; the space must outlive it. */
bt_point *bt_point_new(const bt_space *space);
void bt_point_free(bt_point *p);
void bt_point_clear(bt_point *p);
/* Set one parameter.
 * errors BT_E_NAME unknown, with the nearest; BT_E_RANGE off the range, off the
 * steps, no such choice */
bt_status bt_point_number(bt_point *p, const char *name, double value);
bt_status bt_point_string(bt_point *p, const char *name, const char *value);
bt_status bt_point_bool(bt_point *p, const char *name, int32_t value);
/* All that is active is set, and nothing else.
 * errors BT_E_USAGE names the parameter */
bt_status bt_point_check(const bt_point *p);
/* Canonical: fast=20;mode="up". Borrowed until the next call. */
const char *bt_point_text(bt_point *p);
/* A trial of another time, told to the search before its first ask. Searches
 * that do not look at scores ignore it. errors as of bt_point_check */
bt_status bt_search_options_known(bt_search_options *o, const bt_point *p,
                                  const bt_verdict *v);

/* A search to be asked and told by hand. */
typedef struct bt_asker bt_asker;

/* errors BT_E_USAGE an empty space, a search that does not suit it */
bt_status bt_asker_new(const bt_space *space, const bt_search_options *o,
                       bt_asker **out);
void bt_asker_free(bt_asker *a);
/* 1 and the next suggestion, or 0: there is none now. */
int32_t bt_asker_ask(bt_asker *a, bt_point *out);
/* What a point came to; in any order, for suggestions and for any other point.
 * errors as of bt_point_check */
bt_status bt_asker_tell(bt_asker *a, const bt_point *p, const bt_verdict *v);
/* 1 when there are no more suggestions and all have their score. */
int32_t bt_asker_is_over(bt_asker *a);

#endif
