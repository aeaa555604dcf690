/* Returns of many trials, laid out for resampling. See panel.c. */
#ifndef BT_OPTIMIZE_PANEL_H
#define BT_OPTIMIZE_PANEL_H

#include "base/lanes.h"

#include <stdint.h>

enum {
    PANEL_WIDE = 2 * LANES, /* trials of a group */
    PANEL_ROWS = 4          /* resamples made at once */
};

/* Trials in groups; the last group is filled up with copies of the last trial,
 * which change no maximum. */
struct panel {
    int32_t n, trials, groups;
    double *at; /* [groups * n * PANEL_WIDE] */
};

/* d [trials * n], copied. */
void panel_init(struct panel *p, const double *d, int32_t n, int32_t trials);
void panel_fini(struct panel *p);
/* [n * PANEL_WIDE] */
static inline const double *panel_group(const struct panel *p, int32_t group) {
    return p->at + (int64_t)group * p->n * PANEL_WIDE;
}

/* How often each of up to PANEL_ROWS index rows holds each period; those of
 * missing rows are 0. count [n * PANEL_ROWS] */
void panel_count(const int32_t *rows, int32_t n, int32_t have, double *count);
/* Sums of a group's trials over resamples, each in the order of time.
 * out [PANEL_ROWS * PANEL_WIDE] */
void panel_sums(const double *group, const double *count, int32_t n,
                double *out);

#endif
