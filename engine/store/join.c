/* Joining a side file to a bundle: its columns become fields.
 *
 * A row of the bundle shows what had been published, plus the lag, when the row
 * closed: the last number so far, carried on until there is a newer one. So a
 * weekly sentiment, a funding rate every eight hours or the membership in an
 * index can be joined to bars of any length, and nothing is known too early. A
 * row belongs to the asset that bore its symbol on its day: numbers published
 * as FB before June 2022 are META's.
 *
 * The result is a new version of the bundle; a field of the same name is
 * replaced, and the version before keeps what it was.
 */
#include "backlua.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/asset.h"
#include "store/calendar.h"
#include "store/ref.h"
#include "store/revise.h"
#include "store/schema.h"
#include "store/side.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct join {
    const bt_join_options *options;
    bt_bundle *bundle;
    struct side side;
    struct calendar calendar;
    struct writer *writer;
    bt_time lag;
    const char **names; /* [count] of the fields that come */
    int32_t *fields;    /* [count] their positions in side */
    size_t count;
    bt_join_report *report;
};

/* ---- lag ------------------------------------------------------------------*/

static bt_status bad_lag(const char *text) {
    return fail(BT_E_USAGE,
                "lag '%.40s': a number from 0 on and a unit (s, m, h, d, w), "
                "such as 0s, 15m, 2h, 1d",
                text);
}

static bt_status parse_lag(const char *text, bt_time *out) {
    static const char units[] = "smhdw";
    static const int64_t seconds[] = {1, 60, 3600, 86400, 604800};
    size_t n = strlen(text);
    const char *unit = n > 1 ? strchr(units, text[n - 1]) : NULL;
    double v;
    if (unit == NULL || !num_parse(text, n - 1, &v) || !(v >= 0))
        return bad_lag(text);
    v *= (double)seconds[unit - units];
    if (v > 3.2e9)
        return fail(BT_E_RANGE, "lag '%.40s': at most 100 years", text);
    *out = (bt_time)(v * 1e6);
    return BT_OK;
}

/* ---- as of ----------------------------------------------------------------*/

/* Values of one asset (-1: of all) and field, by time. */
static const struct side_value *find_values(const struct join *j, int32_t sid,
                                            int32_t field, size_t *count) {
    const struct side *s = &j->side;
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct side_value *v = &s->values[middle];
        bool before = v->sid < sid || (v->sid == sid && v->field < field);
        *(before ? &low : &high) = before ? middle + 1 : middle;
    }
    size_t end = low;
    while (end < s->count && s->values[end].sid == sid &&
           s->values[end].field == field)
        end++;
    *count = end - low;
    return &s->values[low];
}

static void fill(struct join *j, int32_t sid, int32_t field, double *cells) {
    size_t count, next = 0;
    const struct side_value *v = find_values(j, sid, field, &count);
    const struct calendar *c = &j->calendar;
    double now = (double)NAN;
    for (int64_t row = 0; row < c->rows; row++) {
        while (next < count && v[next].time + j->lag <= c->close[row])
            now = v[next++].value;
        cells[row] = now;
        j->report->cells += !isnan(now);
    }
}

static bt_status join_field(struct join *j, size_t k) {
    double *cells;
    int64_t stride;
    TRY(writer_field(j->writer, j->names[k], &cells, &stride));
    for (int32_t sid = 0; sid < bundle_assets(j->bundle); sid++) {
        int32_t of = j->side.symbol_count > 0 ? sid : -1;
        fill(j, of, j->fields[k], cells + sid * stride);
    }
    return BT_OK;
}

/* ---- checks ---------------------------------------------------------------*/

static bool has_values(const struct side *s, int32_t field) {
    for (size_t i = 0; i < s->count; i++)
        if (s->values[i].field == field)
            return true;
    return false;
}

static bt_status choose_fields(struct join *j) {
    const struct side *s = &j->side;
    j->names = mem_zalloc(s->field_count + 1, sizeof *j->names);
    j->fields = mem_zalloc(s->field_count + 1, sizeof *j->fields);
    for (size_t i = 0; i < s->field_count; i++) {
        if (s->fields[i] == NULL || !has_values(s, (int32_t)i))
            continue;
        j->names[j->count] = s->fields[i];
        j->fields[j->count++] = (int32_t)i;
    }
    if (j->count > 0)
        return BT_OK;
    return fail(BT_E_DATA, "%s: no column of numbers%s%s; nothing was joined",
                j->options->path, s->left_out[0] ? ": " : "", s->left_out);
}

/* ---- who bore a symbol ----------------------------------------------------*/

/* Values in order of symbol and time: a symbol that always was one asset's is
 * looked up once, another one once a day. */
struct bearer {
    int32_t symbol, day, sid, how;
};

static void find_bearer(const struct join *j, const struct side_value *v,
                        struct bearer *b) {
    int32_t day = date_of(v->time);
    if (b->symbol == v->symbol && (b->how == BT_SYMBOL_ALWAYS || b->day == day))
        return;
    *b = (struct bearer){v->symbol, day, -1, BT_SYMBOL_ALWAYS};
    b->sid =
        bt_bundle_find_at(j->bundle, j->side.symbols[v->symbol], day, &b->how);
}

static int by_asset(const void *a, const void *b) {
    const struct side_value *x = a, *y = b;
    if (x->sid != y->sid)
        return x->sid < y->sid ? -1 : 1;
    if (x->field != y->field)
        return x->field < y->field ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Two symbols of one asset may say one thing of a time, not two. */
static bt_status check_bearers(const struct join *j) {
    const struct side *s = &j->side;
    for (size_t i = 1; i < s->count; i++) {
        const struct side_value *x = &s->values[i - 1], *y = &s->values[i];
        if (x->sid < 0 || x->sid != y->sid || x->field != y->field ||
            x->time != y->time || x->value == y->value)
            continue;
        char one[NUM_TEXT], other[NUM_TEXT];
        num_format(x->value, one);
        num_format(y->value, other);
        return fail(BT_E_DATA,
                    "%s:%u: %s of %s is %s, line %u says %s of %s for the same "
                    "time, and both are the asset %s; leave the rows of one "
                    "symbol out",
                    j->options->path, y->line, s->fields[y->field],
                    s->symbols[y->symbol], other, x->line, one,
                    s->symbols[x->symbol], bt_bundle_symbol(j->bundle, x->sid));
    }
    return BT_OK;
}

/* Each value to its asset; -1: to none, or to all where there are no symbols.
 */
static bt_status find_bearers(struct join *j) {
    struct side *s = &j->side;
    struct bearer b = {.symbol = -1};
    for (size_t i = 0; i < s->count; i++) {
        struct side_value *v = &s->values[i];
        v->sid = -1;
        if (v->symbol < 0)
            continue;
        find_bearer(j, v, &b);
        v->sid = b.sid;
        j->report->former +=
            b.sid >= 0 && strcmp(s->symbols[v->symbol],
                                 bt_bundle_symbol(j->bundle, b.sid)) != 0;
    }
    if (s->count > 0)
        qsort(s->values, s->count, sizeof *s->values, by_asset);
    return check_bearers(j);
}

static bool is_known(const struct join *j, const char *symbol) {
    int32_t how;
    return bt_bundle_find_at(j->bundle, symbol, 0, &how) >= 0;
}

/* Symbols that no asset of the bundle ever bore are left out and named; none
 * at all is a mistake. */
static bt_status check_symbols(struct join *j) {
    const struct side *s = &j->side;
    size_t known = 0, n = 0;
    for (size_t i = 0; i < s->symbol_count; i++) {
        bool there = is_known(j, s->symbols[i]);
        known += there;
        if (there)
            continue;
        j->report->unknown_symbols++;
        if (n < sizeof j->report->unknown - 80)
            n += (size_t)snprintf(j->report->unknown + n,
                                  sizeof j->report->unknown - n, "%s%s",
                                  n ? ", " : "", s->symbols[i]);
    }
    if (known > 0 || s->symbol_count == 0)
        return BT_OK;
    return fail(BT_E_DATA, "%s: the bundle has none of its symbols: %s",
                j->options->path, j->report->unknown);
}

/* ---- the new version ------------------------------------------------------*/

static bt_status write_version(struct join *j, const char *folder) {
    bt_bundle_info info;
    struct action_set *actions = action_set_new();
    bt_bundle_get_info(j->bundle, &info);
    bt_status s = revise_actions(j->bundle, true, actions);
    if (s == BT_OK)
        s = writer_open(folder, info.name, &j->writer);
    if (s == BT_OK)
        s = writer_calendar(j->writer, info.frequency, &j->calendar);
    for (int32_t i = 0; s == BT_OK && i < bundle_assets(j->bundle); i++)
        s = revise_asset(j->writer, &j->calendar, j->bundle, i, NULL);
    if (s == BT_OK)
        s = revise_rest(j->writer, &j->calendar, j->bundle, j->names, j->count);
    for (size_t k = 0; s == BT_OK && k < j->count; k++)
        s = join_field(j, k);
    if (s == BT_OK)
        s = writer_actions(j->writer, actions);
    action_set_free(actions);
    return s;
}

/* The old provenance with what was joined; both are JSON objects. */
static char *provenance(const struct join *j) {
    bt_bundle_info info;
    struct buf b;
    bt_bundle_get_info(j->bundle, &info);
    buf_init(&b);
    const char *old = info.provenance;
    size_t n = strlen(old);
    bool empty = n < 3 || old[n - 1] != '}';
    buf_add(&b, empty ? "{" : old, empty ? 1 : n - 1);
    buf_printf(&b, "%s\"joined_%.12s\":{\"lag_seconds\":%.0f,\"sha256\":\"%s\"",
               empty ? "" : ",", j->side.sha, (double)j->lag / 1e6,
               j->side.sha);
    if (j->options->zone != NULL)
        buf_printf(&b, ",\"zone\":\"%s\"", j->options->zone);
    buf_str(&b, ",\"fields\":[");
    for (size_t k = 0; k < j->count; k++)
        buf_printf(&b, "%s\"%s\"", k ? "," : "", j->names[k]);
    buf_str(&b, "]}}");
    return buf_take(&b);
}

static bt_status commit(struct join *j) {
    bt_bundle_info info;
    bt_bundle_get_info(j->bundle, &info);
    char *json = provenance(j);
    struct writer *w = j->writer;
    j->writer = NULL;
    bt_status s = writer_commit(w, json, info.skipped_rows, j->report->sha256);
    free(json);
    return s;
}

static bt_status work(struct join *j) {
    TRY(parse_lag(j->options->lag ? j->options->lag : "0s", &j->lag));
    TRY(bt_bundle_acquire(j->options->bundle, &j->bundle));
    TRY(side_read(j->options->path, j->options->zone, &j->side));
    TRY(choose_fields(j));
    TRY(check_symbols(j));
    TRY(find_bearers(j));
    TRY(revise_calendar(j->bundle, &j->calendar));
    TRY(calendar_finish(&j->calendar));
    char *folder = fs_dir(bundle_path(j->bundle));
    bt_status s = write_version(j, folder);
    free(folder);
    TRY(s);
    return commit(j);
}

static void describe(const struct join *j) {
    struct buf b;
    buf_init(&b);
    for (size_t k = 0; k < j->count; k++)
        buf_printf(&b, "%s%s", k ? ", " : "", j->names[k]);
    snprintf(j->report->fields, sizeof j->report->fields, "%s", b.data);
    buf_fini(&b);
    j->report->rows = j->side.rows;
    if (j->side.left_out)
        snprintf(j->report->left_out, sizeof j->report->left_out, "%s",
                 j->side.left_out);
}

bt_status bt_bundle_join(const bt_join_options *options, bt_join_report *out) {
    bt_join_report report = {0};
    struct join j = {.options = options, .report = &report};
    calendar_init(&j.calendar);
    bt_status s = work(&j);
    describe(&j);
    writer_abandon(j.writer);
    calendar_fini(&j.calendar);
    bt_bundle_release(j.bundle);
    side_fini(&j.side);
    free(j.names);
    free(j.fields);
    if (s == BT_OK)
        *out = report;
    return s;
}
