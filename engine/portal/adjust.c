/* History as of now, without a copy: a column for each epoch.
 *
 * The events of an asset cut the calendar into epochs: epoch e begins at the
 * row of its e-th event. While the cursor is in epoch e, all windows show one
 * and the same column: rows before an event times the factors of all events
 * that have happened since. It is made when somebody first asks for it in that
 * epoch and kept where all workers find it (cache.c), so a window across a
 * split is a pointer and a length like any other, and a view that is kept goes
 * on to show what it showed.
 *
 *     epoch 0   the column as quoted
 *     epoch e   rows first .. end - 1, end: the next event (nothing later is
 *               ever asked of it), first: as far back as a window can reach
 *
 * A split of ratio r: prices before it times 1 / r, volume times r. Dividends
 * of one day sum up to d: prices before times 1 - d / p, p the last close
 * before the ex-date (in the units of that day). Factors are multiplied newest
 * first. All of it depends on rows and events up to the cursor alone.
 *
 * Cost: a multiplication and 8 bytes for each row of each epoch in use.
 * The memory in the cache stays while the bundle's columns do: that is what
 * cache_hold is for.
 */
#include "portal/adjust.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/status.h"
#include "portal/cache.h"
#include "portal/shelf.h"
#include "portal/sums.h"
#include "store/actions.h"
#include "store/asset.h"
#include "store/bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL "adjusted 1"

/* A column as of an epoch. */
struct epoch_column {
    bt_series series; /* first: the home of views */
    struct sums sums;
    struct track *track;
    struct epoch_column *older; /* made before windows reached as far back */
    int32_t first, apron;       /* rows before the first that may be read */
    size_t own_bytes;
    void *own; /* its memory where it is not the cache's */
};

/* A column in one of the adjustments. */
struct track {
    struct adjust *adjust;
    const struct adjust_events *events;
    int32_t mode, sid, field;
    struct epoch_column **epochs; /* [events->count + 1], NULL until made */
};

struct view_of_assets {
    struct adjust_events **events; /* [assets], NULL until looked for */
    struct track **tracks;         /* [assets * BT_FIELDS] */
};

struct adjust {
    struct shelf *shelf;
    bt_bundle *bundle; /* NULL: retired */
    int32_t assets, rows;
    struct view_of_assets modes[BT_ADJUSTS];
    bool holds; /* the cache, for columns that lie in it */
    size_t bytes;
};

static const struct adjust_events none;

struct adjust *adjust_new(struct shelf *s, bt_bundle *b) {
    struct adjust *a = mem_zalloc(1, sizeof *a);
    a->shelf = s;
    a->bundle = b;
    a->assets = bundle_assets(b);
    a->rows = bundle_rows(b);
    return a;
}

static void free_track(struct track *t) {
    if (t == NULL)
        return;
    for (int32_t i = 0; i <= t->events->count; i++) {
        while (t->epochs[i]) {
            struct epoch_column *c = t->epochs[i];
            t->epochs[i] = c->older;
            free(c->own);
            sums_drop(&c->sums);
            free(c);
        }
    }
    free(t->epochs);
    free(t);
}

void adjust_free(struct adjust *a) {
    if (a == NULL)
        return;
    for (int32_t m = 0; m < BT_ADJUSTS; m++) {
        struct view_of_assets *v = &a->modes[m];
        for (int32_t i = 0; v->tracks && i < a->assets * BT_FIELDS; i++)
            free_track(v->tracks[i]);
        for (int32_t i = 0; v->events && i < a->assets; i++) {
            if (v->events[i])
                free(v->events[i]->list);
            free(v->events[i]);
        }
        free(v->tracks);
        free(v->events);
    }
    if (a->holds)
        cache_unhold();
    free(a);
}

size_t adjust_bytes(const struct adjust *a) {
    return a->bytes;
}

void adjust_retire(struct adjust *a) {
    a->bundle = NULL;
}

/* ---- events ---------------------------------------------------------------*/

static bool matters(int32_t mode, const bt_action *x, const struct asset *s,
                    int32_t rows) {
    bool kind = x->kind == BT_ACTION_SPLIT ||
                (x->kind == BT_ACTION_DIVIDEND && mode == BT_ADJUST_ALL);
    return mode != BT_ADJUST_NONE && kind && x->row > s->first_row &&
           x->row < rows;
}

bool adjust_has_events(struct adjust *a, int32_t mode) {
    const struct actions *all = bundle_actions(a->bundle);
    const struct asset *assets = bundle_asset_list(a->bundle)->assets;
    for (int32_t i = 0; i < all->count; i++)
        if (matters(mode, &all->list[i], &assets[all->list[i].sid], a->rows))
            return true;
    return false;
}

/* The last close before a row, in the units that hold by then. */
static double last_close(const double *close, int32_t first, int32_t row,
                         const struct adjust_events *so_far) {
    while (row > first && isnan(close[row - 1]))
        row--;
    if (row <= first)
        return NAN;
    double price = close[row - 1];
    for (int32_t i = 0; i < so_far->count; i++)
        if (so_far->list[i].row >= row)
            price *= so_far->list[i].price;
    return price;
}

static void warn_dividend(const struct adjust *a, const bt_action *x,
                          double price) {
    log_warn("a dividend of %s, %g, is not less than the price before it, %g: "
             "history is not adjusted for it",
             bt_bundle_symbol(a->bundle, x->sid), x->value, price);
}

/* The actions list[0 .. n-1], all of one row, as one event. */
static struct adjust_event event_of(const struct adjust *a,
                                    const bt_action *list, int32_t n,
                                    double before) {
    struct adjust_event e = {list->row, 1, 1};
    double paid = 0;
    for (int32_t i = 0; i < n; i++) {
        if (list[i].kind == BT_ACTION_SPLIT) {
            e.price *= 1 / list[i].value;
            e.volume *= list[i].value;
        } else {
            paid += list[i].value;
        }
    }
    double price = before * e.price;
    if (paid > 0 && paid < price)
        e.price *= 1 - paid / price;
    else if (paid > 0)
        warn_dividend(a, &list[n - 1], price);
    return e;
}

/* Those of the actions of an asset that matter, in order. */
static int32_t pick(const struct adjust *a, int32_t mode, int32_t sid,
                    const struct asset *s, bt_action *out) {
    const struct actions *all = bundle_actions(a->bundle);
    int32_t n = 0;
    for (int32_t i = actions_first(all, sid);
         i < all->count && all->list[i].sid == sid; i++)
        if (matters(mode, &all->list[i], s, a->rows))
            out[n++] = all->list[i];
    return n;
}

static bt_status collect(struct adjust *a, int32_t mode, int32_t sid,
                         struct adjust_events *out) {
    const struct asset *s = &bundle_asset_list(a->bundle)->assets[sid];
    int32_t most = bundle_actions(a->bundle)->count;
    bt_action *picked = mem_alloc(((size_t)most + 1) * sizeof *picked);
    int32_t n = pick(a, mode, sid, s, picked);
    const double *close = NULL;
    bt_status bad =
        n > 0 ? bundle_column(a->bundle, sid, BT_FIELD_CLOSE, &close) : BT_OK;
    out->list = mem_alloc(((size_t)n + 1) * sizeof *out->list);
    for (int32_t i = 0, next; bad == BT_OK && i < n; i = next) {
        for (next = i + 1; next < n && picked[next].row == picked[i].row;)
            next++;
        double before = last_close(close, s->first_row, picked[i].row, out);
        out->list[out->count++] = event_of(a, &picked[i], next - i, before);
    }
    free(picked);
    return bad;
}

bt_status adjust_events(struct adjust *a, int32_t mode, int32_t sid,
                        const struct adjust_events **out) {
    struct view_of_assets *v = &a->modes[mode];
    *out = &none;
    if (mode == BT_ADJUST_NONE)
        return BT_OK;
    if (v->events == NULL)
        v->events = mem_zalloc((size_t)a->assets, sizeof *v->events);
    if (v->events[sid] == NULL && a->bundle) {
        struct adjust_events *e = mem_zalloc(1, sizeof *e);
        bt_status bad = collect(a, mode, sid, e);
        if (bad != BT_OK) {
            free(e->list);
            free(e);
            return bad;
        }
        v->events[sid] = e;
    }
    if (v->events[sid])
        *out = v->events[sid];
    return BT_OK;
}

int32_t adjust_epoch(const struct adjust_events *e, int32_t row) {
    int32_t low = 0, high = e->count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (e->list[middle].row <= row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- columns --------------------------------------------------------------*/

void adjust_fill(const struct adjust_events *e, int32_t epoch, int32_t field,
                 const double *raw, int32_t first, int32_t end, double *out) {
    bool is_price = field < BT_FIELDS; /* or a volume */
    double factor = 1;
    int32_t to = end;
    for (int32_t k = epoch; k >= 0 && to > first; k--) {
        int32_t from = k > 0 ? e->list[k - 1].row : 0;
        if (from < first)
            from = first;
        for (int32_t i = from; i < to; i++)
            out[i] = raw[i] * factor;
        if (k > 0 && is_price)
            factor *= field == BT_FIELD_VOLUME ? e->list[k - 1].volume
                                               : e->list[k - 1].price;
        to = from < to ? from : to;
    }
}

/* Of the column on its shelf. */
static int32_t index_of(const struct track *t) {
    return t->sid * shelf_fields(t->adjust->shelf) + t->field;
}

static struct track *track_of(struct adjust *a, int32_t mode, int32_t sid,
                              int32_t field,
                              const struct adjust_events *events) {
    struct view_of_assets *v = &a->modes[mode];
    size_t columns = (size_t)a->assets * BT_FIELDS;
    if (v->tracks == NULL)
        v->tracks = mem_zalloc(columns, sizeof *v->tracks);
    struct track **at = &v->tracks[sid * BT_FIELDS + field];
    if (*at == NULL) {
        struct track *t = mem_zalloc(1, sizeof *t);
        *t = (struct track){a, events, mode, sid, field, NULL};
        t->epochs = mem_zalloc((size_t)events->count + 1, sizeof *t->epochs);
        *at = t;
    }
    return *at;
}

/* Room for apron + rows doubles: the cache's, to be filled (*fresh) or filled
 * already, or our own. */
static double *find_room(struct epoch_column *c, int32_t epoch, size_t bytes,
                         struct cache_key *key, bool *fresh) {
    struct adjust *a = c->track->adjust;
    const double params[] = {c->track->mode, epoch, c->first, c->apron};
    cache_key_make(key, CACHE_ADJUSTED, a->bundle, c->track->sid,
                   c->track->field, KERNEL, params, 4);
    const void *known = cache_get(key);
    *fresh = known == NULL;
    void *room = known ? (void *)known : cache_claim(key, bytes);
    if (room && !a->holds)
        cache_hold();
    a->holds = a->holds || room;
    if (room)
        return room;
    c->own = mem_alloc(bytes);
    c->own_bytes = bytes;
    a->bytes += bytes;
    return c->own;
}

static void fill_column(struct epoch_column *c, int32_t epoch,
                        const double *raw, int32_t end) {
    struct track *t = c->track;
    struct cache_key key;
    bool fresh;
    size_t n = (size_t)c->apron + (size_t)(end - c->first);
    double *room = find_room(c, epoch, n * sizeof(double), &key, &fresh);
    double *data = room + c->apron - c->first;
    if (fresh) {
        for (int32_t i = 0; i < c->apron; i++)
            room[i] = t->field == BT_FIELD_VOLUME ? 0 : NAN;
        adjust_fill(t->events, epoch, t->field, raw, c->first, end, data);
        if (c->own == NULL)
            cache_ready(&key);
    }
    c->series.hidden_data = data;
    c->series.hidden_sums = &c->sums.public;
    const double params[] = {t->mode, epoch, c->first};
    sums_init(&c->sums, t->adjust->shelf, index_of(t), data, c->first, end,
              params, 3);
}

/* Epoch 0 shows the column itself. */
static void show_raw(struct epoch_column *c, const bt_series *raw) {
    c->series.hidden_data = raw->hidden_data;
    c->series.hidden_sums = raw->hidden_sums;
    c->apron = BT_HISTORY_MAX; /* whatever it reaches, it is the shelf's */
}

static bt_status make_column(struct track *t, int32_t epoch,
                             struct epoch_column **out) {
    struct shelf *s = t->adjust->shelf;
    TRY(shelf_column(s, t->sid, t->field));
    const bt_series *raw = &shelf_series(s)[index_of(t)];
    const struct adjust_events *e = t->events;
    int32_t end = epoch < e->count ? e->list[epoch].row : t->adjust->rows;
    int32_t since = epoch > 0 ? e->list[epoch - 1].row : 0;
    struct epoch_column *c = mem_zalloc(1, sizeof *c);
    c->track = t;
    c->series.hidden_home = &c->series;
    c->series.rows = end;
    c->series.since = since;
    c->series.floor = -BT_HISTORY_MAX;
    if (epoch == 0) {
        show_raw(c, raw);
    } else {
        int32_t reach = since + 1 - BT_HISTORY_MAX;
        c->first = reach > 0 ? reach : 0;
        c->apron = reach > 0 ? 0 : column_apron_rows();
        c->series.floor = c->first - c->apron;
        fill_column(c, epoch, raw->hidden_data, end);
    }
    t->adjust->bytes += sizeof *c;
    *out = c;
    return BT_OK;
}

static bool reaches(const struct epoch_column *c) {
    return c->first > 0 || c->apron >= column_apron_rows();
}

/* price is the close itself where nothing is ever carried. */
static int32_t stands_for(struct shelf *s, int32_t sid, int32_t field) {
    const bt_series *series = &shelf_series(s)[sid * shelf_fields(s)];
    bool same = field == BT_FIELD_PRICE && series[field].hidden_data &&
                series[BT_FIELD_PRICE].hidden_data ==
                    series[BT_FIELD_CLOSE].hidden_data;
    return same ? BT_FIELD_CLOSE : field;
}

bt_status adjust_column(struct adjust *a, int32_t mode, int32_t sid,
                        int32_t field, int32_t epoch, bt_series **out) {
    const struct adjust_events *events;
    if (a->bundle == NULL)
        return fail(BT_E_STATE, "the bundle was closed");
    TRY(adjust_events(a, mode, sid, &events));
    TRY(shelf_column(a->shelf, sid, field));
    field = stands_for(a->shelf, sid, field);
    struct track *t = track_of(a, mode, sid, field, events);
    struct epoch_column **c = &t->epochs[epoch];
    if (*c == NULL || !reaches(*c)) {
        struct epoch_column *fresh;
        TRY(make_column(t, epoch, &fresh));
        fresh->older = *c;
        *c = fresh;
    }
    *out = &(*c)->series;
    return BT_OK;
}

bt_series *adjust_known(struct adjust *a, int32_t mode, int32_t sid,
                        int32_t field, int32_t epoch) {
    struct track **tracks = a->modes[mode].tracks;
    field = stands_for(a->shelf, sid, field);
    struct track *t = tracks ? tracks[sid * BT_FIELDS + field] : NULL;
    struct epoch_column *c = t ? t->epochs[epoch] : NULL;
    return c && reaches(c) ? &c->series : NULL;
}

bt_series *adjust_series_at(bt_series *home, int32_t row) {
    if (home == NULL || home->since < 0)
        return home;
    const struct track *t = ((struct epoch_column *)home)->track;
    struct epoch_column *c = t->epochs[adjust_epoch(t->events, row)];
    return c ? &c->series : NULL;
}
