/* A space as a box of numbers, for searches that reckon with distances.
 *
 * REAL      0..1 along the range, of the logarithm under the log-uniform prior
 * STEPS     0..1, level k of n at (k + 1/2)/n: the range half a step wider at
 *           both ends, so that every level has the same share. Of an int under
 *           the log-uniform prior the logarithm of that wider range, with each
 *           level at its own logarithm: then shares shrink upwards
 * CHOICE    the position among the choices that have no order
 *
 * A parameter that is not active rests in the middle, at the first choice.
 */
#ifndef BT_SEARCH_CUBE_H
#define BT_SEARCH_CUBE_H

#include "base/rng.h"
#include "search/space.h"

enum axis_kind { AXIS_REAL, AXIS_STEPS, AXIS_CHOICE };

struct axis {
    enum axis_kind kind;
    bool log, normal; /* the prior; STEPS: log alone */
    int32_t count;    /* CHOICE: choices */
    double levels;    /* STEPS, CHOICE; 0 otherwise */
    double low, high; /* REAL: the range, or its logarithms; STEPS, log: the
                         logarithms of the wider range */
    double min, max;  /* REAL: the range; STEPS, log: min alone */
};

struct cube {
    const bt_space *space; /* borrowed */
    int32_t dims;
    bool conditions; /* some parameters are not always active */
    struct axis axis[SPACE_MAX];
};

void cube_init(struct cube *c, const bt_space *space);
/* x: [dims] */
void cube_encode(const struct cube *c, const struct point *p, double *x);
/* Any numbers: what lies outside goes to the nearest edge. */
void cube_decode(const struct cube *c, const double *x, struct point *out);
/* Puts to rest what is not active at x; active: [dims]. */
void cube_settle(const struct cube *c, double *x, bool *active);
/* x as decode and encode would leave it: on a level, inside. */
double axis_snap(const struct axis *a, double x);
/* STEPS: the level at x, 0 .. levels - 1; where a level lies; its lower edge
 * (k = levels: the upper one of the last); the level `way` further, on the axis
 * still. */
double axis_level(const struct axis *a, double x);
double axis_place(const struct axis *a, double k);
double axis_edge(const struct axis *a, double k);
double axis_beside(const struct axis *a, double x, double way);
/* A draw from the prior; one number of the stream a coordinate. */
double axis_draw(const struct axis *a, double unit);
void cube_draw(const struct cube *c, struct rng *rng, double *x);

#endif
