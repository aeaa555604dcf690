/* Orders are kept for good in one array, since each must end with a reason that
 * the result tells; what is open has a second, small record in a dense list
 * that the fill loop walks. The list keeps submission order: an order that ends
 * is only marked, and one sweep after a phase closes the holes.
 *
 * Cost: submit O(1), sweep O(open), pending O(open) but O(1) for an asset
 * without open orders. No allocation once the arrays have grown.
 */
#include "sim/book.h"

#include "base/mem.h"

#include <stdlib.h>

void book_init(struct book *b, int32_t assets) {
    *b = (struct book){0};
    b->open_of = mem_zalloc((size_t)assets, sizeof *b->open_of);
}

void book_fini(struct book *b) {
    free(b->orders);
    free(b->open);
    free(b->open_of);
}

bt_order *book_add(struct book *b, const bt_order *o) {
    b->orders = mem_grow(b->orders, b->count, &b->cap, sizeof *b->orders);
    bt_order *added = &b->orders[b->count++];
    *added = *o;
    added->id = (int32_t)b->count;
    return added;
}

void book_work(struct book *b, const bt_order *o, bool sized, double rest) {
    b->open = mem_grow(b->open, b->open_count, &b->open_cap, sizeof *b->open);
    b->open[b->open_count++] = (struct working){
        .index = o->id - 1, .sid = o->sid, .sized = sized, .rest = rest};
    b->open_of[o->sid]++;
}

void book_end(struct book *b, struct working *w, int32_t status, int32_t reason,
              bt_time when) {
    bt_order *o = &b->orders[w->index];
    o->status = status;
    bool forced = (o->flags & BT_ORDER_FORCED) && reason == BT_REASON_FILLED;
    o->reason = forced ? BT_REASON_MARGIN_CALL : reason;
    o->ended = when;
    b->open_of[w->sid]--;
    w->index = -1;
}

void book_sweep(struct book *b) {
    size_t kept = 0;
    for (size_t i = 0; i < b->open_count; i++)
        if (b->open[i].index >= 0)
            b->open[kept++] = b->open[i];
    b->open_count = kept;
}

double book_pending(const struct book *b, int32_t sid) {
    double sum = 0.0;
    if (b->open_of[sid] == 0)
        return sum;
    for (size_t i = 0; i < b->open_count; i++) {
        const struct working *w = &b->open[i];
        if (w->sid == sid && w->index >= 0 && w->sized)
            sum += w->rest;
    }
    return sum;
}

struct working *book_find(const struct book *b, int32_t id) {
    for (size_t i = 0; i < b->open_count; i++)
        if (b->open[i].index == id - 1)
            return &b->open[i];
    return NULL;
}
