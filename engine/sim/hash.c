/* The fingerprint of a result: two runs that traded alike have the same one,
 * whatever machine state, worker or cache they ran under. The layout is written
 * down, with a worked example, in spec/golden/RESULT_HASH.md; a change here is
 * a change there.
 *
 * Equity is most of it. Its columns go to the digest as they lie in memory; the
 * rest is packed into a buffer first, so the digest sees few, large blocks.
 */
#include "sim/result.h"

#include "base/buf.h"
#include "base/digest.h"

#include <math.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the columns of a result are hashed as they lie in memory"
#endif

enum { FLUSH_BYTES = 1 << 15 };

struct hasher {
    struct digest *digest;
    struct buf buf;
    const bt_bundle *bundle;
};

static void flush(struct hasher *h) {
    digest_add(h->digest, h->buf.data, h->buf.len);
    buf_clear(&h->buf);
}

static void add_int(struct hasher *h, int64_t v) {
    buf_i64(&h->buf, v);
}

static void add_double(struct hasher *h, double v) {
    if (isnan(v)) /* one NaN: quiet, positive, no payload */
        buf_i64(&h->buf, INT64_C(0x7ff8000000000000));
    else
        buf_f64(&h->buf, v);
}

static void add_string(struct hasher *h, const char *s) {
    size_t n = strlen(s);
    buf_i64(&h->buf, (int64_t)n);
    buf_add(&h->buf, s, n);
}

/* Every row starts here, so that the buffer stays small. */
static void add_symbol(struct hasher *h, int32_t sid) {
    if (h->buf.len >= FLUSH_BYTES)
        flush(h);
    add_string(h, bt_bundle_symbol(h->bundle, sid));
}

static void add_order(struct hasher *h, const bt_order *o) {
    add_symbol(h, o->sid);
    add_int(h, o->kind);
    add_int(h, o->flags);
    add_int(h, o->status);
    add_int(h, o->reason);
    add_int(h, o->created);
    add_int(h, o->ended);
    add_double(h, o->request);
    add_double(h, o->amount);
    add_double(h, o->filled);
    add_double(h, o->limit);
    add_double(h, o->stop);
    add_double(h, o->average_price);
    add_double(h, o->commission);
    add_double(h, o->slippage);
}

static void add_fill(struct hasher *h, const bt_fill *f) {
    add_symbol(h, f->sid);
    add_int(h, f->order_id);
    add_int(h, f->time);
    add_double(h, f->amount);
    add_double(h, f->price);
    add_double(h, f->commission);
    add_double(h, f->slippage);
}

static void add_trade(struct hasher *h, const bt_trade *t) {
    add_symbol(h, t->sid);
    add_int(h, t->bars);
    add_int(h, t->entry_time);
    add_int(h, t->exit_time);
    add_double(h, t->amount);
    add_double(h, t->entry_price);
    add_double(h, t->exit_price);
    add_double(h, t->commission);
    add_double(h, t->pnl);
}

static void add_equity(struct hasher *h, const bt_result *r) {
    size_t bytes = (size_t)r->bars * sizeof(double);
    add_int(h, r->bars);
    flush(h);
    digest_add(h->digest, r->times, bytes);
    digest_add(h->digest, r->cash, bytes);
    digest_add(h->digest, r->value, bytes);
}

static void add_records(struct hasher *h, const bt_result *r) {
    add_int(h, r->records);
    for (int32_t i = 0; i < r->records; i++) {
        const bt_record *x = &r->record[i];
        if (h->buf.len >= FLUSH_BYTES)
            flush(h);
        add_int(h, x->time);
        add_string(h, bt_result_record_name(r, x->name));
        add_double(h, x->value);
    }
}

static void add_metrics(struct hasher *h, const bt_result *r) {
    add_int(h, BT_METRICS);
    for (int32_t i = 0; i < BT_METRICS; i++) {
        add_string(h, bt_metric_name(i));
        add_double(h, r->metrics[i]);
    }
}

void hash_result(const bt_result *r, const bt_bundle *b, char out[65]) {
    struct hasher h = {.digest = digest_new(), .bundle = b};
    uint8_t bytes[DIGEST_BYTES];
    buf_init(&h.buf);
    add_string(&h, "backlua result 1");
    add_int(&h, r->orders);
    for (int32_t i = 0; i < r->orders; i++)
        add_order(&h, &r->order[i]);
    add_int(&h, r->fills);
    for (int32_t i = 0; i < r->fills; i++)
        add_fill(&h, &r->fill[i]);
    add_int(&h, r->trades);
    for (int32_t i = 0; i < r->trades; i++)
        add_trade(&h, &r->trade[i]);
    add_equity(&h, r);
    add_records(&h, r);
    add_metrics(&h, r);
    flush(&h);
    digest_end(h.digest, bytes);
    digest_hex(bytes, out);
    digest_free(h.digest);
    buf_fini(&h.buf);
}
