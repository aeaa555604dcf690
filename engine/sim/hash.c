/* The fingerprint of a result: two runs that traded alike have the same one,
 * whatever machine state, worker or cache they ran under. The layout is written
 * down, with a worked example, in spec/golden/RESULT_HASH.md; a change here is
 * a change there.
 *
 * SHA-256 takes 0.6 ns a byte, so that few bytes are written: what is as usual
 * in an order (no limit, no parent, filled as asked) is a bit, cash is there
 * where it changes, the times are there by their own digest; what follows from
 * the fills (an order's average price and costs) is left out. Rows are packed
 * into a buffer that stays in the first cache; the column of equity goes to the
 * digest as it lies in memory.
 */
#include "sim/result.h"

#include "base/digest.h"
#include "store/bundle.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the columns of a result are hashed as they lie in memory"
#endif

/* Room for a row behind what the buffer holds when it is full. */
enum { FULL = 1 << 12, ROW_MAX = 1 << 10 };

struct hasher {
    struct digest *digest;
    const bt_bundle *bundle;
    size_t used;
    unsigned char bytes[FULL + ROW_MAX];
};

static void flush(struct hasher *h) {
    digest_add(h->digest, h->bytes, h->used);
    h->used = 0;
}

/* Of a size known here, at most a few hundred bytes: it is a few stores. */
static inline void add_bytes(struct hasher *h, const void *bytes, size_t n) {
    memcpy(h->bytes + h->used, bytes, n);
    h->used += n;
}

/* Eight bytes at any place. */
typedef int64_t word __attribute__((aligned(1), may_alias));

/* Room for n words, which are written where they belong: put together aside and
 * copied as wide words they would wait for each other. */
static inline word *add_words(struct hasher *h, size_t n) {
    word *to = (word *)(void *)(h->bytes + h->used);
    h->used += n * sizeof *to;
    return to;
}

/* The bits of a double; one NaN: quiet, positive, no payload. */
static inline int64_t bits(double v) {
    int64_t b = INT64_C(0x7ff8000000000000);
    if (v == v)
        memcpy(&b, &v, sizeof b);
    return b;
}

static void add_int(struct hasher *h, int64_t v) {
    add_bytes(h, &v, sizeof v);
}

static void add_string(struct hasher *h, const char *s) {
    size_t n = strlen(s);
    add_int(h, (int64_t)n);
    if (n > ROW_MAX / 8) {
        flush(h);
        digest_add(h->digest, s, n);
    } else {
        add_bytes(h, s, n);
    }
}

/* Every row starts with this. */
static void make_room(struct hasher *h) {
    if (h->used >= FULL)
        flush(h);
}

/* Where a row's words go that are not what they usually are; head's bit says
 * that one is there. Stored in any case and stepped over where it is: which
 * orders have what is no pattern that a branch could learn. */
struct row {
    word *to;
    int64_t head;
};

static inline void add_unless(struct row *row, int bit, int64_t v,
                              int64_t usual) {
    int64_t there = v != usual;
    *row->to = v;
    row->to += there;
    row->head |= there << bit;
}

/* Most orders have three or four of these. */
static void add_unusual(struct row *row, const bt_order *o) {
    const int64_t none = bits(NAN);
    add_unless(row, 41, bits(o->amount), bits(o->request));
    add_unless(row, 42, bits(o->filled), bits(o->amount));
    add_unless(row, 43, bits(o->limit), none);
    add_unless(row, 44, bits(o->stop), none);
    add_unless(row, 45, o->until, 0);
    add_unless(row, 46, o->parent, 0);
    add_unless(row, 47, o->oco, 0);
    add_unless(row, 48, bits(o->trail), none);
    add_unless(row, 49, bits(o->trail_percent), none);
    add_unless(row, 50, bits(o->limit_offset), none);
}

/* before: the order before it, NULL for the first. */
static void add_order(struct hasher *h, const bt_order *o,
                      const bt_order *before) {
    make_room(h);
    bool other = !before || before->sid != o->sid;
    word *head = add_words(h, 1);
    if (other)
        add_string(h, bt_bundle_symbol(h->bundle, o->sid));
    word *to = add_words(h, 3);
    to[0] = o->created;
    to[1] = o->ended;
    to[2] = bits(o->request);
    struct row row = {to + 3,
                      (int64_t)o->kind | (int64_t)o->status << 4 |
                          (int64_t)o->tif << 8 | (int64_t)o->reason << 12 |
                          (int64_t)o->flags << 20 | (int64_t)other << 40};
    add_unusual(&row, o);
    *head = row.head;
    h->used = (size_t)((unsigned char *)row.to - h->bytes);
}

static void add_fill(struct hasher *h, const bt_fill *f) {
    make_room(h);
    word *to = add_words(h, 4);
    struct row row = {to + 4, f->order_id};
    add_unless(&row, 32, bits(f->commission), 0);
    add_unless(&row, 33, bits(f->slippage), 0);
    to[0] = row.head;
    to[1] = f->time;
    to[2] = bits(f->amount);
    to[3] = bits(f->price);
    h->used = (size_t)((unsigned char *)row.to - h->bytes);
}

static void add_trade(struct hasher *h, const bt_trade *t) {
    make_room(h);
    add_string(h, bt_bundle_symbol(h->bundle, t->sid));
    word *to = add_words(h, 8);
    *to++ = t->bars;
    *to++ = t->entry_time;
    *to++ = t->exit_time;
    *to++ = bits(t->amount);
    *to++ = bits(t->entry_price);
    *to++ = bits(t->exit_price);
    *to++ = bits(t->commission);
    *to++ = bits(t->pnl);
}

/* Cash moves with fills only: where it does, and to what. */
static void add_cash(struct hasher *h, const bt_result *r) {
    int64_t changes = 0;
    for (int32_t i = 0; i < r->bars; i++)
        changes += i == 0 || r->cash[i] != r->cash[i - 1];
    add_int(h, changes);
    for (int32_t i = 0; i < r->bars; i++) {
        if (i > 0 && r->cash[i] == r->cash[i - 1])
            continue;
        make_room(h);
        word *to = add_words(h, 2);
        to[0] = i;
        to[1] = bits(r->cash[i]);
    }
}

/* The digest of the bars' times. Trials over one span share it, so the last one
 * is kept. */
static void add_calendar(struct hasher *h, const bt_result *r) {
    static struct {
        uint8_t bundle[DIGEST_BYTES], times[DIGEST_BYTES];
        bt_time first;
        int32_t bars;
    } last;
    const uint8_t *sha = bundle_sha(h->bundle);
    bt_time first = r->bars > 0 ? r->times[0] : 0;
    if (r->bars == 0 || last.bars != r->bars || last.first != first ||
        memcmp(last.bundle, sha, sizeof last.bundle) != 0) {
        digest_bytes(r->times, (size_t)r->bars * sizeof *r->times, last.times);
        memcpy(last.bundle, sha, sizeof last.bundle);
        last.first = first;
        last.bars = r->bars;
    }
    add_bytes(h, last.times, sizeof last.times);
}

static void add_equity(struct hasher *h, const bt_result *r) {
    add_int(h, r->bars);
    add_calendar(h, r);
    flush(h);
    digest_add(h->digest, r->value, (size_t)r->bars * sizeof *r->value);
    add_cash(h, r);
}

static void add_records(struct hasher *h, const bt_result *r) {
    add_int(h, r->records);
    for (int32_t i = 0; i < r->records; i++) {
        const bt_record *x = &r->record[i];
        make_room(h);
        add_int(h, x->time);
        add_string(h, bt_result_record_name(r, x->name));
        add_int(h, bits(x->value));
    }
}

static void add_metrics(struct hasher *h, const bt_result *r) {
    add_int(h, BT_METRICS);
    for (int32_t i = 0; i < BT_METRICS; i++) {
        make_room(h);
        add_string(h, bt_metric_name(i));
        add_int(h, bits(r->metrics[i]));
    }
}

/* A run without flows has no such section. */
static void add_flows(struct hasher *h, const bt_result *r) {
    if (r->flows == 0)
        return;
    add_string(h, "flows");
    add_int(h, r->flows);
    for (int32_t i = 0; i < r->flows; i++) {
        const bt_flow *f = &r->flow[i];
        make_room(h);
        add_string(h, f->sid >= 0 ? bt_bundle_symbol(h->bundle, f->sid) : "");
        add_int(h, f->kind);
        add_int(h, f->time);
        add_int(h, bits(f->amount));
    }
}

/* Likewise. */
static void add_events(struct hasher *h, const bt_result *r) {
    if (r->events == 0)
        return;
    add_string(h, "actions");
    add_int(h, r->events);
    for (int32_t i = 0; i < r->events; i++) {
        const bt_event *e = &r->event[i];
        const int64_t row[] = {
            e->kind,         e->time,        e->due,
            bits(e->before), bits(e->after), bits(e->received),
            bits(e->value),  bits(e->price), bits(e->cash)};
        make_room(h);
        add_string(h, bt_bundle_symbol(h->bundle, e->sid));
        add_string(h,
                   e->other >= 0 ? bt_bundle_symbol(h->bundle, e->other) : "");
        add_bytes(h, row, sizeof row);
    }
}

void hash_result(const bt_result *r, const bt_bundle *b, char out[65]) {
    struct hasher h;
    uint8_t bytes[DIGEST_BYTES];
    h.digest = digest_new();
    h.bundle = b;
    h.used = 0;
    add_string(&h, "backlua result 3");
    add_int(&h, r->orders);
    for (int32_t i = 0; i < r->orders; i++)
        add_order(&h, &r->order[i], i > 0 ? &r->order[i - 1] : NULL);
    add_int(&h, r->fills);
    for (int32_t i = 0; i < r->fills; i++)
        add_fill(&h, &r->fill[i]);
    add_int(&h, r->trades);
    for (int32_t i = 0; i < r->trades; i++)
        add_trade(&h, &r->trade[i]);
    add_equity(&h, r);
    add_records(&h, r);
    add_metrics(&h, r);
    add_flows(&h, r);
    add_events(&h, r);
    flush(&h);
    digest_end(h.digest, bytes);
    digest_hex(bytes, out);
    digest_free(h.digest);
}
