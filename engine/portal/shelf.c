/* Columns are mapped when somebody first asks for them, and then stay in place:
 * a shelf belongs to a bundle (its companion), so the next backtest finds
 * everything where the last one left it, and so do forked workers. With caching
 * off each portal has a shelf of its own.
 *
 * price is close carried forward over gaps. Where there is nothing to carry (no
 * gap between the first bar and the calendar's end) it is the close column
 * itself; else a private column, 8 bytes a row.
 *
 * A coarser frequency is a shelf, too: one that hangs on the bundle's, and
 * whose columns are made of that one's (level.c).
 */
#include "portal/shelf.h"

#include "base/mem.h"
#include "base/status.h"
#include "portal/adjust.h"
#include "portal/cache.h"
#include "portal/lens.h"
#include "portal/level.h"
#include "portal/resample.h"
#include "portal/sums.h"
#include "store/asset.h"
#include "store/attic.h"
#include "store/bundle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMES_AT_ONCE = 65536 }; /* rows; up to so many they are made at once */

struct shelf {
    struct shelf *next, *previous; /* all shelves of the process */
    bt_bundle *bundle;
    const struct asset *assets;
    uint8_t sha[32];
    int32_t count, rows, fields;
    bt_series *series;     /* [count * fields] */
    struct sums *sums;     /* [count * fields] */
    struct column *prices; /* [count], derived ones */
    struct column times;
    bt_series time_series;
    struct shelf *levels; /* coarser ones */
    /* of a coarser one */
    struct shelf *base, *next_level;
    struct level level;
    char tag[LEVEL_TAG + 1];
    struct column *made; /* [count * fields] */
    struct adjust *adjust;
    struct lens *lenses;
    struct sums *more; /* of columns that are derived from these */
};

static struct shelf *shelves;

static struct shelf *make_shelf(bt_bundle *b, int32_t rows) {
    struct shelf *s = mem_zalloc(1, sizeof *s);
    s->bundle = b;
    s->assets = bundle_asset_list(b)->assets;
    s->count = bundle_assets(b);
    s->rows = rows;
    s->fields = bundle_fields(b);
    size_t columns = (size_t)s->count * (size_t)s->fields;
    s->series = mem_zalloc(columns, sizeof *s->series);
    s->sums = mem_zalloc(columns, sizeof *s->sums);
    s->prices = mem_zalloc((size_t)s->count, sizeof *s->prices);
    for (size_t i = 0; i < columns; i++) {
        s->series[i].rows = s->rows;
        s->series[i].since = -1;
        s->series[i].floor = -BT_HISTORY_MAX;
        s->series[i].hidden_home = &s->series[i];
        sums_begin(&s->sums[i], s, (int32_t)i, rows);
    }
    s->time_series.rows = s->rows;
    s->time_series.since = -1;
    s->time_series.floor = -BT_HISTORY_MAX;
    s->time_series.hidden_home = &s->time_series;
    s->adjust = adjust_new(s, b);
    s->next = shelves;
    if (shelves)
        shelves->previous = s;
    shelves = s;
    return s;
}

static void drop_made(struct shelf *s) {
    for (int32_t i = 0; s->made && i < s->count * s->fields; i++)
        column_unmap(&s->made[i]);
    free(s->made);
    level_close(&s->level);
}

static void drop(void *p) {
    struct shelf *s = p;
    while (s->levels) {
        struct shelf *l = s->levels;
        s->levels = l->next_level;
        drop(l);
    }
    drop_made(s);
    *(s->previous ? &s->previous->next : &shelves) = s->next;
    if (s->next)
        s->next->previous = s->previous;
    for (int32_t i = 0; i < s->count * s->fields; i++)
        sums_drop(&s->sums[i]);
    for (int32_t i = 0; i < s->count; i++)
        column_unmap(&s->prices[i]);
    column_unmap(&s->times);
    lenses_free(s->lenses);
    adjust_free(s->adjust);
    free(s->series);
    free(s->sums);
    free(s->prices);
    free(s);
}

/* Frames are read after their run, when nobody can make the times any more:
 * they are made at once where that is cheap. */
static struct shelf *with_times(struct shelf *s) {
    if (s->rows <= TIMES_AT_ONCE)
        shelf_times(s);
    return s;
}

/* Private memory. */
static size_t bytes_of(const struct shelf *s) {
    size_t columns = (size_t)s->count * (size_t)s->fields;
    size_t n = sizeof *s + columns * (sizeof *s->series + sizeof *s->sums);
    for (size_t i = 0; i < columns; i++)
        n += s->sums[i].own_bytes;
    for (int32_t i = 0; i < s->count; i++)
        n += s->prices[i].base ? s->prices[i].own_bytes : 0;
    for (size_t i = 0; s->made && i < columns; i++)
        n += s->made[i].base ? s->made[i].own_bytes : 0;
    n += s->base ? level_bytes(&s->level) : 0;
    for (const struct shelf *l = s->levels; l; l = l->next_level)
        n += bytes_of(l);
    n += adjust_bytes(s->adjust);
    return n + (s->times.base ? s->times.own_bytes : 0);
}

/* Views go on to show what they show, but sum without the sums. */
static size_t retire(void *p) {
    struct shelf *s = p;
    s->bundle = NULL;
    s->assets = NULL;
    for (struct shelf *l = s->levels; l; l = l->next_level)
        retire(l);
    for (int32_t i = 0; i < s->count * s->fields; i++) {
        sums_forget(&s->sums[i]);
        sums_drop(&s->sums[i]);
    }
    for (struct sums *m = s->more; m; m = m->next)
        sums_forget(m);
    adjust_retire(s->adjust);
    return bytes_of(s);
}

struct shelf *shelf_of(bt_bundle *b) {
    struct shelf *s = bundle_companion(b);
    if (s == NULL) {
        s = with_times(make_shelf(b, bundle_rows(b)));
        bundle_accompany(b, (struct bundle_companion){s, retire, drop});
    }
    return s;
}

struct shelf *shelf_new(bt_bundle *b) {
    return with_times(make_shelf(b, bundle_rows(b)));
}

static int32_t mappings_of(const struct shelf *s) {
    int32_t n = s->times.base != NULL;
    for (int32_t i = 0; i < s->count; i++)
        n += s->prices[i].base != NULL;
    for (int32_t i = 0; s->made && i < s->count * s->fields; i++)
        n += s->made[i].base != NULL;
    for (const struct shelf *l = s->levels; l; l = l->next_level)
        n += mappings_of(l);
    return n;
}

void shelf_retire(struct shelf *s) {
    int32_t mappings = mappings_of(s);
    attic_put(s, drop, retire(s), mappings);
}

bt_series *shelf_series(struct shelf *s) {
    return s->series;
}

/* ---- columns --------------------------------------------------------------*/

static bool has_gaps(const struct shelf *s, int32_t sid) {
    const struct asset *a = &s->assets[sid];
    const struct shelf *base = s->base ? s->base : s;
    return a->bars != base->rows - a->first_row;
}

/* Over a split or an ex-date without a bar it is carried in the new units. */
static void carry(const double *close, int32_t rows,
                  const struct adjust_events *e, double *out) {
    double last = NAN;
    int32_t k = 0;
    for (int32_t i = 0; i < rows; i++) {
        if (k < e->count && e->list[k].row == i)
            last *= e->list[k++].price;
        last = isnan(close[i]) ? last : close[i];
        out[i] = last;
    }
}

/* A coarser one's is the price at the end of each of its bars. */
static bt_status derive_price(struct shelf *s, int32_t sid,
                              const double **out) {
    double *fill;
    int32_t first = sid * s->fields;
    struct column *c = &s->prices[sid];
    const struct adjust_events *events;
    if (s->base)
        TRY(shelf_column(s->base, sid, BT_FIELD_PRICE));
    TRY(adjust_events(s->adjust, BT_ADJUST_ALL, sid, &events));
    TRY(column_make(s->rows, COLUMN_NAN, c, &fill));
    if (s->base)
        resample_column(&s->level.groups, BT_FIELD_PRICE,
                        s->base->series[first + BT_FIELD_PRICE].hidden_data,
                        fill);
    else
        carry(s->series[first + BT_FIELD_CLOSE].hidden_data, s->rows, events,
              fill);
    column_seal(c);
    *out = c->data;
    return BT_OK;
}

static void place(struct shelf *s, int32_t index, const double *data,
                  int32_t sums_index) {
    s->series[index].hidden_data = data;
    s->series[index].hidden_sums = &s->sums[sums_index].public;
    s->sums[index].data = data;
}

static bt_status add_price(struct shelf *s, int32_t sid, int32_t index) {
    int32_t close_index = sid * s->fields + BT_FIELD_CLOSE;
    const double *data;
    TRY(shelf_column(s, sid, BT_FIELD_CLOSE));
    const double *close = s->series[close_index].hidden_data;
    if (!has_gaps(s, sid)) {
        place(s, index, close, close_index);
        return BT_OK;
    }
    TRY(derive_price(s, sid, &data));
    place(s, index, data, index);
    return BT_OK;
}

static bt_status add_made(struct shelf *s, int32_t sid, int32_t field) {
    int32_t index = sid * s->fields + field;
    TRY(shelf_column(s->base, sid, field));
    TRY(level_column(&s->level, s->bundle, sid, field,
                     s->base->series[index].hidden_data, &s->made[index]));
    place(s, index, s->made[index].data, index);
    return BT_OK;
}

bt_status shelf_column(struct shelf *s, int32_t sid, int32_t field) {
    if (sid < 0 || sid >= s->count)
        return fail(BT_E_RANGE, "asset id must be 0..%d, got %d", s->count - 1,
                    sid);
    if (field < 0 || field >= s->fields)
        return fail(BT_E_RANGE, "field must be 0..%d, got %d", s->fields - 1,
                    field);
    int32_t index = sid * s->fields + field;
    if (s->series[index].hidden_data)
        return BT_OK;
    if (field == BT_FIELD_PRICE)
        return add_price(s, sid, index);
    if (s->base)
        return add_made(s, sid, field);
    const double *data;
    TRY(bundle_column(s->bundle, sid, field, &data));
    place(s, index, data, index);
    return BT_OK;
}

bt_status shelf_values(struct shelf *s, int32_t sid, int32_t field,
                       const double **out) {
    bool known = sid >= 0 && sid < s->count && field >= 0 && field < s->fields;
    bool price = field == BT_FIELD_PRICE;
    int32_t i = sid * s->fields + field;
    if (known && !s->base && !s->series[i].hidden_data &&
        !(price && has_gaps(s, sid)))
        return bundle_values(s->bundle, sid, price ? BT_FIELD_CLOSE : field,
                             out);
    TRY(shelf_column(s, sid, field));
    *out = s->series[i].hidden_data;
    return BT_OK;
}

bt_status shelf_times(struct shelf *s) {
    double *fill;
    if (s->time_series.hidden_data)
        return BT_OK;
    TRY(column_make(s->rows, COLUMN_NAN, &s->times, &fill));
    const bt_time *close =
        s->base ? s->level.groups.close : bundle_close_times(s->bundle);
    for (int32_t i = 0; i < s->rows; i++)
        fill[i] = (double)close[i] / 1e6;
    column_seal(&s->times);
    s->time_series.hidden_data = s->times.data;
    return BT_OK;
}

bt_series *shelf_time_series(struct shelf *s) {
    return &s->time_series;
}

/* ---- coarser frequencies --------------------------------------------------*/

bt_status shelf_level(struct shelf *s, const char *frequency,
                      struct shelf **out) {
    struct level l;
    for (struct shelf *known = s->levels; known; known = known->next_level) {
        if (strcmp(known->level.frequency, frequency) == 0) {
            *out = known;
            return BT_OK;
        }
    }
    TRY(level_open(s->bundle, frequency, &l));
    struct shelf *made = make_shelf(s->bundle, l.groups.count);
    made->base = s;
    made->level = l;
    snprintf(made->tag, sizeof made->tag, "@%s", frequency);
    made->made = mem_zalloc((size_t)made->count * (size_t)made->fields,
                            sizeof *made->made);
    made->next_level = s->levels;
    s->levels = made;
    *out = with_times(made);
    return BT_OK;
}

const struct groups *shelf_groups(const struct shelf *s) {
    return s->base ? &s->level.groups : NULL;
}

const char *shelf_tag(const struct shelf *s) {
    return s->tag;
}

struct adjust *shelf_adjust(struct shelf *s) {
    return s->adjust;
}

struct lens **shelf_lenses(struct shelf *s) {
    return &s->lenses;
}

int32_t shelf_assets(const struct shelf *s) {
    return s->count;
}

int32_t shelf_fields(const struct shelf *s) {
    return s->fields;
}

/* ---- what is derived from it ----------------------------------------------*/

bt_bundle *shelf_bundle(const struct shelf *s) {
    return s->bundle;
}

struct sums **shelf_more(struct shelf *s) {
    return &s->more;
}

/* What lies in the cache is copied: somebody may still look at it. */
static void detach(struct shelf *s) {
    level_detach(&s->level);
    for (int32_t i = 0; i < s->count * s->fields; i++)
        if (s->made[i].base && s->made[i].own_bytes == 0)
            column_detach(&s->made[i]);
}

void shelf_forget_cache(void) {
    for (struct shelf *s = shelves; s; s = s->next) {
        if (s->base)
            detach(s);
        for (int32_t i = 0; i < s->count * s->fields; i++) {
            if (s->sums[i].own == NULL)
                sums_forget(&s->sums[i]);
        }
        for (struct sums *m = s->more; m; m = m->next)
            if (m->own == NULL)
                sums_forget(m);
    }
}
