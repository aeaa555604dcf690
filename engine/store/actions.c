/* Corporate actions of a bundle, raw: what happened and when, never its effect
 * on prices. Views are adjusted when they are asked for, as of the simulation's
 * now (portal/adjust.c); accounts when a run gets there (sim/corporate.c).
 *
 * An action names a day, the first session that trades without what it gives
 * away. Its instant is the open of that session in the bundle, or midnight UTC
 * where the bundle ends before it; its row, which an opener works out, is the
 * first bar that opens then or later.
 *
 * Order: asset, instant, kind, and then the numbers, so that the same facts in
 * any order of input make the same bundle. Cost: one sort.
 */
#include "store/actions.h"

#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/sorted.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[BT_ACTION_KINDS] = {
    "symbol", "split", "dividend", "merger", "delisting"};

const char *bt_action_name(int32_t kind) {
    return kind >= 0 && kind < BT_ACTION_KINDS ? names[kind] : NULL;
}

void actions_fini(struct actions *a) {
    for (int32_t i = 0; i < a->count; i++)
        free((char *)a->list[i].text);
    free(a->list);
    *a = (struct actions){0};
}

/* ---- order ----------------------------------------------------------------*/

static int by_number(double a, double b) {
    return (a > b) - (a < b);
}

static int compare(const void *left, const void *right) {
    const bt_action *a = left, *b = right;
    const int64_t whole[][2] = {
        {a->sid, b->sid},         {a->effective, b->effective},
        {a->kind, b->kind},       {a->day, b->day},
        {a->pay_day, b->pay_day}, {a->declared_day, b->declared_day},
        {a->other, b->other}};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (whole[i][0] != whole[i][1])
            return whole[i][0] < whole[i][1] ? -1 : 1;
    int order = by_number(a->value, b->value);
    order = order ? order : by_number(a->cash, b->cash);
    return order ? order : strcmp(a->text, b->text);
}

int32_t actions_first(const struct actions *a, int32_t sid) {
    int32_t low = 0, high = a->count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (a->list[middle].sid < sid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- instants and rows ----------------------------------------------------*/

static bt_time instant_of(const struct calendar *c, int32_t day) {
    int64_t low = sorted_day(c->session, c->rows, day);
    return low < c->rows ? c->open[low] : (bt_time)day * DATE_DAY_US;
}

void actions_place(struct actions *a, const bt_time *opens, int32_t rows) {
    for (int32_t i = 0; i < a->count; i++) {
        a->list[i].row =
            (int32_t)sorted_from(opens, rows, a->list[i].effective);
    }
}

/* ---- from a set -----------------------------------------------------------*/

/* symbols: all there are; sids: symbol -> id + 1. */
struct universe {
    const char *const *symbols;
    size_t n;
    struct map *sids;
};

static bt_status find(const struct universe *u, const char *symbol,
                      int32_t *sid) {
    uintptr_t found = (uintptr_t)map_get(u->sids, symbol);
    if (found > 0) {
        *sid = (int32_t)(found - 1);
        return BT_OK;
    }
    const char *near = bt_nearest(symbol, u->symbols, (int32_t)u->n);
    return fail(BT_E_NAME,
                "a corporate action of '%s', which has no bars%s%s%s", symbol,
                near ? "; did you mean '" : "", near ? near : "",
                near ? "'?" : "; leave it out");
}

static bt_status resolve_one(const struct action_set *s, size_t i,
                             const struct universe *u, const struct calendar *c,
                             struct actions *out) {
    const char *other;
    bt_action a = *action_set_at(s, i, &other);
    TRY(find(u, action_set_symbol(s, i), &a.sid));
    if (other != NULL)
        TRY(find(u, other, &a.other));
    a.effective = instant_of(c, a.day);
    a.text = mem_strdup(a.text);
    out->list =
        mem_grow(out->list, (size_t)out->count, &out->cap, sizeof *out->list);
    out->list[out->count++] = a;
    return BT_OK;
}

static bt_status resolve_all(const struct action_set *s,
                             const struct universe *u, const struct calendar *c,
                             struct actions *out) {
    for (size_t i = 0; i < u->n; i++)
        map_put(u->sids, u->symbols[i], (void *)(uintptr_t)(i + 1));
    for (size_t i = 0; i < action_set_count(s); i++)
        TRY(resolve_one(s, i, u, c, out));
    if (out->count > 0)
        qsort(out->list, (size_t)out->count, sizeof *out->list, compare);
    return BT_OK;
}

bt_status actions_resolve(const struct action_set *s,
                          const char *const *symbols, size_t n,
                          const struct calendar *c, struct actions *out) {
    struct actions all = {0};
    struct universe u = {symbols, n, map_new()};
    bt_status bad = resolve_all(s, &u, c, &all);
    map_free(u.sids);
    if (bad != BT_OK)
        actions_fini(&all);
    else
        *out = all;
    return bad;
}

/* ---- the content hash -----------------------------------------------------*/

void actions_digest(const struct actions *a, struct digest *d) {
    if (a->count == 0)
        return;
    digest_str(d, "actions");
    digest_i64(d, a->count);
    for (int32_t i = 0; i < a->count; i++) {
        const bt_action *x = &a->list[i];
        const int64_t whole[] = {x->sid,  x->kind,    x->effective,
                                 x->day,  x->pay_day, x->declared_day,
                                 x->other};
        for (size_t k = 0; k < sizeof whole / sizeof *whole; k++)
            digest_i64(d, whole[k]);
        digest_f64(d, x->value);
        digest_f64(d, x->cash);
        digest_str(d, x->text);
    }
}

/* ---- the table ------------------------------------------------------------*/

bt_status actions_store(const struct actions *a, sqlite3_stmt *s) {
    for (int32_t i = 0; i < a->count; i++) {
        const bt_action *x = &a->list[i];
        sqlite3_bind_int64(s, 1, i);
        sqlite3_bind_int64(s, 2, x->sid);
        sqlite3_bind_text(s, 3, names[x->kind], -1, SQLITE_STATIC);
        sqlite3_bind_int64(s, 4, x->effective);
        sqlite3_bind_int64(s, 5, x->day);
        sqlite3_bind_int64(s, 6, x->declared_day);
        sqlite3_bind_int64(s, 7, x->pay_day);
        sqlite3_bind_double(s, 8, x->value);
        sqlite3_bind_double(s, 9, x->cash);
        sqlite3_bind_int64(s, 10, x->other);
        sqlite3_bind_text(s, 11, x->text, -1, SQLITE_STATIC);
        if (sqlite3_step(s) != SQLITE_DONE)
            return fail(BT_E_IO, "cannot make the catalogue: %s",
                        sqlite3_errmsg(sqlite3_db_handle(s)));
        sqlite3_reset(s);
    }
    return BT_OK;
}

static bt_status damaged(struct db_rows *rows, const char *why) {
    return fail(BT_E_DATA, "%s is damaged: %s", rows->db->what, why);
}

static bt_status load_kind(struct db_rows *rows, bt_action *a) {
    const char *kind = "";
    TRY(db_text(rows, 2, &kind));
    for (a->kind = 0; a->kind < BT_ACTION_KINDS; a->kind++)
        if (strcmp(names[a->kind], kind) == 0)
            return BT_OK;
    return damaged(rows, "a corporate action of an unknown kind");
}

static bt_status load_one(struct db_rows *rows, int32_t id, int32_t assets,
                          bt_action *a) {
    const struct {
        int column;
        int64_t min, max;
        int32_t *to;
    } whole[] = {{1, 0, assets - 1, &a->sid},
                 {4, INT32_MIN + 1, INT32_MAX, &a->day},
                 {5, INT32_MIN, INT32_MAX, &a->declared_day},
                 {6, INT32_MIN, INT32_MAX, &a->pay_day},
                 {9, -1, assets - 1, &a->other}};
    int64_t v = 0;
    TRY(db_int(rows, 0, id, id, &v));
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        TRY(db_int(rows, whole[i].column, whole[i].min, whole[i].max, &v));
        *whole[i].to = (int32_t)v;
    }
    TRY(load_kind(rows, a));
    TRY(db_int(rows, 3, INT64_MIN, INT64_MAX, &a->effective));
    double least = a->kind == BT_ACTION_SPLIT ? 1e-6 : 0;
    TRY(db_real(rows, 7, least, a->kind == BT_ACTION_SPLIT ? 1e6 : 1e12,
                &a->value));
    TRY(db_real(rows, 8, 0, 1e12, &a->cash));
    TRY(db_text(rows, 10, &a->text));
    return BT_OK;
}

static bt_status load_rows(struct db_rows *rows, int32_t assets,
                           struct actions *out) {
    bool more = true;
    for (;;) {
        bt_action a = {0};
        TRY(db_next(rows, &more));
        if (!more)
            return BT_OK;
        TRY(load_one(rows, out->count, assets, &a));
        if (out->count > 0 && compare(&out->list[out->count - 1], &a) >= 0)
            return damaged(rows, "its corporate actions are not in order");
        a.text = mem_strdup(a.text);
        out->list = mem_grow(out->list, (size_t)out->count, &out->cap,
                             sizeof *out->list);
        out->list[out->count++] = a;
    }
}

bt_status actions_load(struct db *db, int32_t assets, struct actions *out) {
    struct db_rows rows;
    struct actions all = {0};
    TRY(db_select(db,
                  "SELECT id, sid, kind, effective, day, declared_day, "
                  "pay_day, value, cash, other, text FROM action ORDER BY id",
                  &rows));
    bt_status s = load_rows(&rows, assets, &all);
    db_end(&rows);
    if (s != BT_OK) {
        actions_fini(&all);
        return s;
    }
    *out = all;
    return BT_OK;
}
