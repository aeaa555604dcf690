/* Bundles are never changed; a new version repeats what the old one holds and
 * adds to it. What comes out is what an ingest of everything at once would have
 * made, byte by byte, so what did not change shares its files.
 *
 * Old and new bars are merged by open time. Where both have one, they must
 * agree to the last bit: a vendor that rewrites history (a new adjustment, a
 * correction) must not pass for more of the same.
 */
#include "store/revise.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/asset.h"
#include "store/schema.h"

#include <math.h>
#include <string.h>

bt_status revise_calendar(const bt_bundle *b, struct calendar *c) {
    const bt_time *open = bundle_open_times(b), *close = bundle_close_times(b);
    const int32_t *session = bundle_sessions(b);
    calendar_begin(c, bundle_rows(b));
    for (int32_t i = 0; i < bundle_rows(b); i++)
        TRY(calendar_add(c, open[i], close[i], session[i]));
    calendar_end(c);
    if (c->schedule == NULL && strcmp(bundle_calendar(b), "union") != 0)
        c->schedule = mem_strdup(bundle_calendar(b));
    return BT_OK;
}

/* ---- bars -----------------------------------------------------------------*/

struct merge {
    struct writer *writer;
    const struct calendar *calendar;
    bt_bundle *bundle;
    const struct asset *asset;
    const double *x[SCHEMA_FIELDS];
    const bt_time *opens;
    int32_t old; /* row of the next old bar; last_row + 1: none */
    struct fresh *fresh;
    bt_time time; /* of the next fresh bar */
    const double *v;
    int64_t row; /* in the new calendar */
};

static void seek(struct merge *m) {
    while (m->old <= m->asset->last_row && isnan(m->x[BT_FIELD_CLOSE][m->old]))
        m->old++;
}

static bt_status next_fresh(struct merge *m) {
    m->v = NULL;
    return m->fresh ? m->fresh->next(m->fresh, &m->time, &m->v) : BT_OK;
}

static bt_status put(struct merge *m, bt_time open, const double v[5]) {
    m->row = calendar_row_of(m->calendar, open, m->row);
    return writer_bar(m->writer, m->row, v);
}

/* "a.csv:12: AAPL at 2024-01-03" */
static void describe_merge(const struct merge *m, struct buf *out) {
    char at[DATE_TEXT];
    m->fresh->where(m->fresh, out);
    if (m->time % DATE_DAY_US == 0)
        date_format(date_of(m->time), at);
    else
        date_format_time(m->time, at);
    buf_printf(out, ": %s at %s", m->asset->symbol, at);
}

static bt_status contradiction(const struct merge *m, int field, double old) {
    char was[NUM_TEXT], is[NUM_TEXT];
    struct buf where;
    buf_init(&where);
    describe_merge(m, &where);
    num_format(old, was);
    num_format(m->v[field], is);
    bt_status s =
        fail(BT_E_DATA,
             "%s: the %s is %s, the bundle has %s; nothing was appended. "
             "Ingest all rows again without --append if history changed",
             where.data, schema_fields[field], is, was);
    buf_fini(&where);
    return s;
}

static bt_status no_bar(const struct merge *m) {
    struct buf where;
    buf_init(&where);
    describe_merge(m, &where);
    bt_status s =
        fail(BT_E_DATA,
             "%s: the bundle has no bar there, though it goes on to later "
             "ones; nothing was appended. Ingest all rows again without "
             "--append if history changed",
             where.data);
    buf_fini(&where);
    return s;
}

/* Both have a bar at this time. */
static bt_status compare(struct merge *m) {
    for (int f = 0; f < SCHEMA_FIELDS; f++) {
        double old = m->x[f][m->old];
        if (num_bits(old) != num_bits(m->v[f]))
            return contradiction(m, f, old);
    }
    m->fresh->repeated++;
    return next_fresh(m);
}

static bt_status put_old(struct merge *m) {
    double v[SCHEMA_FIELDS];
    bt_time open = m->opens[m->old];
    for (int f = 0; f < SCHEMA_FIELDS; f++)
        v[f] = m->x[f][m->old];
    if (m->v != NULL && m->time < open)
        return no_bar(m);
    TRY(put(m, open, v));
    if (m->v != NULL && m->time == open)
        TRY(compare(m));
    m->old++;
    seek(m);
    return BT_OK;
}

static bt_status merge(struct merge *m) {
    for (int f = 0; f < SCHEMA_FIELDS; f++)
        TRY(bundle_column(
            m->bundle,
            (int32_t)(m->asset - bundle_asset_list(m->bundle)->assets), f,
            &m->x[f]));
    m->old = m->asset->first_row;
    seek(m);
    TRY(next_fresh(m));
    while (m->old <= m->asset->last_row)
        TRY(put_old(m));
    while (m->v != NULL) {
        TRY(put(m, m->time, m->v));
        m->fresh->added++;
        TRY(next_fresh(m));
    }
    return BT_OK;
}

bt_status revise_asset(struct writer *w, const struct calendar *c, bt_bundle *b,
                       int32_t sid, struct fresh *fresh) {
    struct merge m = {.writer = w,
                      .calendar = c,
                      .bundle = b,
                      .asset = &bundle_asset_list(b)->assets[sid],
                      .opens = bundle_open_times(b),
                      .fresh = fresh};
    TRY(writer_asset(w, m.asset->symbol));
    TRY(merge(&m));
    return writer_asset_end(w);
}

/* ---- the rest -------------------------------------------------------------*/

static bt_status copy_facts(struct writer *w, const bt_bundle *b) {
    const struct asset_list *l = bundle_asset_list(b);
    for (int32_t i = 0; i < l->count; i++) {
        const struct fact_list *facts = &l->assets[i].facts;
        int64_t sid = writer_find(w, l->assets[i].symbol);
        for (size_t k = 0; sid >= 0 && k < facts->count; k++)
            TRY(writer_fact(w, (size_t)sid, "bundle", facts->facts[k].name,
                            facts->facts[k].value));
    }
    return BT_OK;
}

static bt_status copy_field(struct writer *w, const struct calendar *c,
                            bt_bundle *b, int32_t field) {
    double *cells;
    int64_t stride;
    const bt_time *opens = bundle_open_times(b);
    TRY(writer_field(w, bt_bundle_field(b, field), &cells, &stride));
    for (int32_t sid = 0; sid < bundle_assets(b); sid++) {
        const double *x;
        int64_t to = writer_find(w, bt_bundle_symbol(b, sid)), row = 0;
        TRY(bundle_column(b, sid, field, &x));
        for (int32_t i = 0; to >= 0 && i < bundle_rows(b); i++) {
            row = calendar_row_of(c, opens[i], row);
            cells[to * stride + row] = x[i];
        }
    }
    return BT_OK;
}

bt_status revise_rest(struct writer *w, const struct calendar *c, bt_bundle *b,
                      const char *const *except, size_t count) {
    for (int32_t f = BT_FIELDS; f < bundle_fields(b); f++) {
        bool left_out = false;
        for (size_t i = 0; i < count; i++)
            left_out |= strcmp(except[i], bt_bundle_field(b, f)) == 0;
        if (!left_out)
            TRY(copy_field(w, c, b, f));
    }
    return copy_facts(w, b);
}

bt_status revise_action(const bt_bundle *b, const bt_action *a,
                        struct action_set *s) {
    const char *symbol = bt_bundle_symbol(b, a->sid);
    switch (a->kind) {
    case BT_ACTION_SYMBOL:
        return action_set_rename(s, symbol, a->day, a->text);
    case BT_ACTION_SPLIT:
        return action_set_split(s, symbol, a->day, a->value);
    case BT_ACTION_DIVIDEND:
        return action_set_dividend(s, symbol, a->day, a->value, a->pay_day,
                                   a->declared_day, a->text);
    case BT_ACTION_MERGER:
        return action_set_merger(s, symbol, a->day,
                                 bt_bundle_symbol(b, a->other), a->value,
                                 a->cash);
    default:
        return action_is_end(a)
                   ? action_set_end(s, symbol, a->day)
                   : action_set_delisting(s, symbol, a->day, a->value);
    }
}

bt_status revise_actions(const bt_bundle *b, bool ends, struct action_set *s) {
    const bt_action *list;
    int32_t n = bt_bundle_actions(b, &list);
    for (int32_t i = 0; i < n; i++)
        if (ends || !action_is_end(&list[i]))
            TRY(revise_action(b, &list[i], s));
    return BT_OK;
}
