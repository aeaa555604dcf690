/* The same market at other prices, without a copy of the bundle.
 *
 * Catalogue, calendar, actions, volume and fields of its own are those of the
 * bundle below, which it keeps open. A price column gets private memory when it
 * is first asked for; that goes the way of all columns when the bundle closes
 * (attic.c), so any number of overlays, one after the other, hold at most what
 * the attic does. No file is opened: it works behind a worker's fence.
 *
 * It is never in the pool, and what is derived from it is nobody else's
 * (bundle_is_overlay): content hash and path are those of the bundle below.
 */
#include "store/overlay.h"

#include "base/mem.h"
#include "base/status.h"
#include "store/bundle_parts.h"
#include "store/pool.h"

bt_bundle *overlay_bundle(bt_bundle *b, struct overlay o) {
    bt_bundle *made = mem_alloc(sizeof *made);
    *made = *b;
    made->path = mem_strdup(b->path);
    made->name = mem_strdup(b->name);
    made->catalogue = mem_strdup(b->catalogue);
    made->key = mem_strdup(b->key);
    made->columns = mem_zalloc((size_t)b->manifest.assets->count *
                                   (size_t)b->manifest.stored,
                               sizeof *made->columns);
    made->companion = (struct bundle_companion){0};
    made->below = b;
    made->overlay = o;
    made->uses = 1;
    pool_retain(b);
    return made;
}

bt_status overlay_column(bt_bundle *b, int32_t sid, int32_t field,
                         struct column *out) {
    const double *in;
    double *fill = NULL;
    int64_t rows = b->manifest.rows;
    TRY(bundle_column(b->below, sid, field, &in));
    TRY(column_make(rows, COLUMN_NAN, out, &fill));
    b->overlay.fill(b->overlay.p, sid, rows, in, fill);
    column_seal(out);
    return BT_OK;
}

void overlay_close(bt_bundle *b) {
    b->overlay.drop(b->overlay.p);
    bt_bundle_release(b->below);
}
