/* A bundle that shows another one's columns changed; see overlay.c. */
#ifndef BT_STORE_OVERLAY_H
#define BT_STORE_OVERLAY_H

#include "backlua.h"

struct column;

/* What the prices become. */
struct overlay {
    void *p;
    /* Column of open, high, low or close: in [rows] as it was, out [rows]. */
    void (*fill)(void *p, int32_t sid, int64_t rows, const double *in,
                 double *out);
    void (*drop)(void *p);
};

/* A bundle in memory whose prices are those of b under o, all else b's own.
 * Takes o; holds a use of b. One use is counted, for bt_bundle_release. */
bt_bundle *overlay_bundle(bt_bundle *b, struct overlay o);
/* For bundle.c: a column of such a bundle; and the end of what it holds. */
bt_status overlay_column(bt_bundle *b, int32_t sid, int32_t field,
                         struct column *out);
void overlay_close(bt_bundle *b);

#endif
