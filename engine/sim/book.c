/* Orders are kept for good in one array, since each must end with a reason that
 * the result tells; what is open has a second record in a slot that it keeps
 * until it ends, and a line in a dense list that the fill loop scans. The list
 * keeps submission order: an order that ends is only marked, and one sweep
 * after a bar closes the holes and frees the slots. Beside it each asset has a
 * queue of its own orders, linked by their slots, and each order knows its
 * slot, so that nothing has to be searched for.
 *
 * Cost: submit, find and end O(1), pending O(open orders of the asset), sweep
 * O(open) on bars where something ended. No allocation once the arrays have
 * grown.
 */
#include "sim/book.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

void book_init(struct book *b, int32_t assets, size_t orders) {
    *b = (struct book){.expiry = INT32_MAX};
    b->queues = mem_zalloc((size_t)assets, sizeof *b->queues);
    b->orders = mem_room(orders, &b->cap, sizeof *b->orders);
    b->slots = mem_room(orders, &b->slots_cap, sizeof *b->slots);
}

void book_fini(struct book *b) {
    free(b->orders);
    free(b->slots);
    free(b->lines);
    free(b->open);
    free(b->queues);
    free(b->waking);
}

bt_order *book_add(struct book *b, const bt_order *o) {
    b->orders = mem_grow(b->orders, b->count, &b->cap, sizeof *b->orders);
    b->slots = mem_grow(b->slots, b->count, &b->slots_cap, sizeof *b->slots);
    b->slots[b->count] = 0;
    bt_order *added = &b->orders[b->count++];
    *added = *o;
    added->id = (int32_t)b->count;
    return added;
}

/* Slot + 1 of one that nobody uses. */
static int32_t take_slot(struct book *b) {
    int32_t place = b->free;
    if (place > 0) {
        b->free = b->open[place - 1].next;
        return place;
    }
    b->open = mem_grow(b->open, b->open_count, &b->open_cap, sizeof *b->open);
    return (int32_t)++b->open_count;
}

/* The order in a slot becomes the last one of its asset. */
static void enqueue(struct book *b, struct working *w, int32_t place) {
    struct queue *q = &b->queues[w->sid];
    w->next = 0;
    w->prev = q->tail;
    if (q->tail == 0)
        q->head = place;
    else
        b->open[q->tail - 1].next = place;
    q->tail = place;
    q->count++;
}

static void dequeue(struct book *b, const struct working *w) {
    struct queue *q = &b->queues[w->sid];
    if (w->prev == 0)
        q->head = w->next;
    else
        b->open[w->prev - 1].next = w->next;
    if (w->next == 0)
        q->tail = w->prev;
    else
        b->open[w->next - 1].prev = w->prev;
}

struct working *book_work(struct book *b, const bt_order *o,
                          const struct working *w, const struct watch *watch) {
    int32_t place = take_slot(b);
    struct working *added = &b->open[place - 1];
    *added = *w;
    added->index = o->id - 1;
    added->sid = o->sid;
    added->line = (int32_t)b->line_count;
    b->lines =
        mem_grow(b->lines, b->line_count, &b->line_cap, sizeof *b->lines);
    struct watch *line = &b->lines[b->line_count++];
    *line = *watch;
    line->slot = place - 1;
    enqueue(b, added, place);
    b->slots[added->index] = place;
    b->live++;
    if (added->last_row < b->expiry)
        b->expiry = added->last_row;
    return added;
}

void book_end(struct book *b, struct working *w, int32_t status, int32_t reason,
              bt_time when) {
    bt_order *o = &b->orders[w->index];
    o->status = status;
    bool forced = (o->flags & BT_ORDER_FORCED) && reason == BT_REASON_FILLED;
    bool closing = o->flags & BT_ORDER_CLOSING;
    int32_t own = closing ? BT_REASON_CLOSED : BT_REASON_MARGIN_CALL;
    o->reason = forced ? own : reason;
    o->ended = when;
    b->queues[w->sid].count--;
    b->live--;
    b->slots[w->index] = 0;
    w->index = -1;
    struct watch *watch = book_watch(b, w);
    watch->below = -INFINITY; /* no bar matters any more */
    watch->above = INFINITY;
}

void book_sweep(struct book *b) {
    size_t kept = 0, n = b->line_count;
    if (n == (size_t)b->live)
        return;
    b->expiry = INT32_MAX;
    for (size_t i = 0; i < n; i++) {
        struct working *w = book_line(b, i);
        if (w->index < 0) {
            dequeue(b, w);
            w->next = b->free;
            b->free = b->lines[i].slot + 1;
            continue;
        }
        if (w->last_row < b->expiry)
            b->expiry = w->last_row;
        w->line = (int32_t)kept;
        b->lines[kept++] = b->lines[i];
    }
    b->line_count = kept;
}

struct working *book_find(const struct book *b, int32_t id) {
    if (id < 1 || (size_t)id > b->count)
        return NULL;
    return book_at(b, b->slots[id - 1]);
}

static bool counts(const struct book *b, const struct working *w, bool priced) {
    if (w->index < 0 || !w->sized || w->ring != 0)
        return false;
    if (b->orders[w->index].flags & BT_ORDER_REDUCE_ONLY)
        return false;
    return priced || w->wait <= WAIT_CLOSE;
}

double book_pending(const struct book *b, int32_t sid, bool priced) {
    double sum = 0.0;
    if (b->queues[sid].count == 0)
        return sum;
    for (const struct working *w = book_first(b, sid); w;
         w = book_at(b, w->next))
        if (counts(b, w, priced))
            sum += w->rest;
    return sum;
}
