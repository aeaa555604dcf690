/* Stopping trials early, over the backtest's own blocks of time; see prune.c.
 */
#ifndef BT_OPTIMIZE_PRUNE_H
#define BT_OPTIMIZE_PRUNE_H

#include "base/buf.h"
#include "store/study.h"

#include <stdbool.h>
#include <stddef.h>

enum prune_kind {
    PRUNE_NEVER,
    PRUNE_PERCENTILE, /* median, too */
    PRUNE_HALVING,
    PRUNE_HYPERBAND,
    PRUNE_WILCOXON,
    PRUNE_AFTER /* at the end of block `least`, to repeat a pruned trial */
};

struct prune_options {
    int32_t kind;
    int32_t blocks;    /* 2 .. BT_STEPS_MAX */
    int32_t startup;   /* complete trials before any is pruned */
    int32_t least;     /* blocks that every trial runs */
    double percentile; /* PERCENTILE: the best so many per cent go on */
    double factor;     /* HALVING, HYPERBAND: one in so many goes on */
    double p;          /* WILCOXON */
    bool apart;        /* scores are of each block alone */
};

/* A kind by name: "percentile", "halving", ...; -1 when it is none. */
int32_t prune_find(const char *name);

/* What a worker knows of the trials before the batch. */
struct prune_limits {
    int32_t kind, blocks;
    int32_t apart;
    int32_t rivals; /* WILCOXON: blocks of the best trial, 0 = none yet */
    int32_t least;
    double sign, p;
    double limit[BT_STEPS_MAX]; /* after block i + 1: prune below; NaN = never.
                                   WILCOXON: what the best trial had there */
};

/* The trials that one may be held against: those of the study before trial
 * `first` which are in the group of trial `number`. groups [number + 1]: of
 * each trial by number; -1: of none. */
struct prune_scope {
    bt_study *study;
    const int32_t *groups;
    int32_t first, number;
};

/* What they say; sign: +1, or -1 when less is better. */
void prune_limits(const struct prune_options *o, const struct prune_scope *s,
                  double sign, struct prune_limits *out);
/* Whether a trial with these scores after n blocks stops. */
bool prune_stops(const struct prune_limits *l, const double *steps, int32_t n);
/* Probability that n pairs differ as much to the worse by chance: Wilcoxon's
 * signed ranks, exact, zeros split, ties by mid-ranks. source Wilcoxon 1945,
 * Biometrics 1(6) */
double prune_wilcoxon(const double *mine, const double *theirs, int32_t n);

void prune_pack(const struct prune_limits *l, struct buf *out);
/* Bytes taken, 0: they are no limits. */
size_t prune_unpack(const char *bytes, size_t n, struct prune_limits *out);

#endif
