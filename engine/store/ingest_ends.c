/* Where assets end.
 *
 * A position in an asset that is no longer traded would stay for ever at its
 * last price. So an asset ends where a file says so: a delisting, a merger, the
 * last_date of assets.csv. One whose bars end more than a month before the
 * others' (and three bars of its own kind) is taken as delisted behind its last
 * bar, and said to be; an append looks anew, so rows that come late take that
 * back. What becomes of positions is the run's business (sim/corporate.c).
 */
#include "store/ingest.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/map.h"
#include "base/status.h"
#include "store/asset.h"
#include "store/bundle.h"

#include <stdlib.h>
#include <string.h>

enum { MONTH = 31, SHOWN = 5 };

struct ends {
    bt_ingest *g;
    int32_t last; /* session of the bundle */
    int32_t gap;  /* days that may be missing at its end */
    int32_t count;
    struct buf shown;
};

static int32_t bar_days(struct frequency f) {
    int32_t days = f.unit == FREQUENCY_MONTH  ? MONTH
                   : f.unit == FREQUENCY_WEEK ? 7
                   : f.unit == FREQUENCY_DAY  ? 1
                                              : 0;
    return days * f.n;
}

/* The session of an asset's last bar. */
static int32_t end_of(const bt_ingest *g, const char *symbol) {
    const struct series *s = map_get(g->rows.by_symbol, symbol);
    int32_t sid = g->base ? bt_bundle_find(g->base, symbol) : -1;
    int32_t end = s && s->total > 0 ? s->end : INT32_MIN;
    if (sid < 0)
        return end;
    int32_t row = bundle_asset_list(g->base)->assets[sid].last_row;
    int32_t known = bundle_sessions(g->base)[row];
    return known > end ? known : end;
}

static bool has_ended(const bt_ingest *g, const char *symbol) {
    for (size_t i = 0; i < action_set_count(g->actions); i++) {
        const char *other;
        int32_t kind = action_set_at(g->actions, i, &other)->kind;
        if ((kind == BT_ACTION_DELISTING || kind == BT_ACTION_MERGER) &&
            strcmp(action_set_symbol(g->actions, i), symbol) == 0)
            return true;
    }
    return false;
}

/* The last day that facts tell, or none. */
static int32_t last_date(const bt_ingest *g, const char *symbol) {
    for (size_t i = 0; i < g->facts.count; i++) {
        const struct told *t = &g->facts.list[i];
        bt_time at;
        bool timed;
        if (strcmp(t->name, "last_date") == 0 &&
            strcmp(t->symbol, symbol) == 0 &&
            date_parse(t->value, strlen(t->value), &at, &timed))
            return date_of(at);
    }
    return BT_NO_DAY;
}

static void show(struct ends *e, const char *symbol, int32_t end) {
    char day[DATE_TEXT];
    date_format(end, day);
    if (e->count++ < SHOWN)
        buf_printf(&e->shown, "%s%s %s", e->count > 1 ? ", " : "", symbol, day);
}

static bt_status look_at(struct ends *e, const char *symbol) {
    struct action_set *actions = e->g->actions;
    int32_t end = end_of(e->g, symbol), told = last_date(e->g, symbol);
    if (end == INT32_MIN || end >= e->last || has_ended(e->g, symbol))
        return BT_OK;
    if (told != BT_NO_DAY && told >= end)
        return told < e->last
                   ? action_set_delisting(actions, symbol, told + 1, 0)
                   : BT_OK;
    if (e->g->options.keep_listed || end >= e->last - e->gap)
        return BT_OK;
    show(e, symbol, end);
    return action_set_end(actions, symbol, end + 1);
}

static bt_status look_at_all(struct ends *e) {
    const bt_ingest *g = e->g;
    for (size_t i = 0; i < g->symbol_count; i++)
        TRY(look_at(e, g->symbols[i]));
    for (size_t i = 0; g->base == NULL && i < g->rows.count; i++)
        TRY(look_at(e, g->rows.list[i]->symbol));
    return BT_OK;
}

bt_status ingest_ends(bt_ingest *g) {
    const struct calendar *c = &g->calendar;
    int32_t days = bar_days(g->frequency);
    struct ends e = {.g = g,
                     .last = c->session[c->rows - 1],
                     .gap = 3 * days > MONTH ? 3 * days : MONTH};
    buf_init(&e.shown);
    bt_status s = look_at_all(&e);
    if (s == BT_OK && e.count > 0)
        ingest_note(g,
                    "%d symbol%s without bars in the last %d days: taken as "
                    "delisted behind the last bar (--keep-listed overrides): "
                    "%s%s",
                    e.count, e.count == 1 ? "" : "s", e.gap, e.shown.data,
                    e.count > SHOWN ? ", ..." : "");
    buf_fini(&e.shown);
    return s;
}
