/* Bars in memory to a bundle: keep copies, unite their times, stream them out.
 *
 * For makers of small bundles (tests, the synthetic generator). What comes from
 * files goes through the writer directly and is never in memory as a whole.
 */
#include "store/builder.h"

#include "base/mem.h"
#include "base/status.h"
#include "store/calendar.h"
#include "store/frequency.h"
#include "store/writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct series {
    char *symbol;
    struct bar *bars;
    int64_t count;
};

struct builder {
    struct writer *writer;
    char *frequency;
    struct calendar calendar;
    struct series *series;
    size_t count, cap;
    const struct action_set *actions;
    struct value *values;
    size_t value_count, value_cap;
    struct told *told;
    size_t told_count, told_cap;
};

/* One cell of an own field. */
struct value {
    char *field;
    size_t sid;
    bt_time open_time;
    double value;
};

struct told {
    size_t sid;
    char *name, *value;
};

bt_status builder_open(const char *folder, const char *name,
                       const char *frequency, struct builder **out) {
    struct frequency f;
    struct writer *w;
    TRY(frequency_parse(frequency, &f));
    TRY(writer_open(folder, name, &w));
    struct builder *b = mem_zalloc(1, sizeof *b);
    b->writer = w;
    b->frequency = mem_strdup(frequency);
    calendar_init(&b->calendar);
    *out = b;
    return BT_OK;
}

static void release(struct builder *b) {
    for (size_t i = 0; i < b->count; i++) {
        free(b->series[i].symbol);
        free(b->series[i].bars);
    }
    for (size_t i = 0; i < b->value_count; i++)
        free(b->values[i].field);
    for (size_t i = 0; i < b->told_count; i++) {
        free(b->told[i].name);
        free(b->told[i].value);
    }
    free(b->values);
    free(b->told);
    free(b->series);
    free(b->frequency);
    calendar_fini(&b->calendar);
    free(b);
}

void builder_abandon(struct builder *b) {
    if (b == NULL)
        return;
    writer_abandon(b->writer);
    release(b);
}

static bool good_bar(const struct bar *b) {
    return isfinite(b->open) && isfinite(b->high) && isfinite(b->low) &&
           isfinite(b->close) && isfinite(b->volume) && b->open > 0 &&
           b->high > 0 && b->low > 0 && b->close > 0 && b->volume >= 0;
}

static bt_status check_bars(const char *symbol, const struct bar *bars,
                            int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        if (!good_bar(&bars[i]))
            return fail(BT_E_DATA,
                        "bar %lld of %s: prices must be finite and > 0, the "
                        "volume finite and >= 0",
                        (long long)i, symbol);
        if (i > 0 && bars[i].open_time <= bars[i - 1].open_time)
            return fail(BT_E_DATA, "bars of %s do not ascend at bar %lld",
                        symbol, (long long)i);
    }
    return BT_OK;
}

bt_status builder_asset(struct builder *b, const char *symbol,
                        const struct bar *bars, int64_t count) {
    TRY(check_bars(symbol, bars, count));
    calendar_begin(&b->calendar, count);
    for (int64_t i = 0; i < count; i++)
        TRY(calendar_add(&b->calendar, bars[i].open_time, bars[i].close_time,
                         bars[i].session));
    calendar_end(&b->calendar);
    size_t bytes = (size_t)count * sizeof *bars;
    struct series s = {mem_strdup(symbol), mem_alloc(bytes ? bytes : 1), count};
    memcpy(s.bars, bars, bytes);
    b->series = mem_grow(b->series, b->count, &b->cap, sizeof *b->series);
    b->series[b->count++] = s;
    return BT_OK;
}

static bt_status find_asset(const struct builder *b, const char *symbol,
                            size_t *sid) {
    for (size_t i = 0; i < b->count; i++) {
        if (strcmp(b->series[i].symbol, symbol) == 0) {
            *sid = i;
            return BT_OK;
        }
    }
    return fail(BT_E_RANGE, "no asset %s", symbol);
}

bt_status builder_value(struct builder *b, const char *field,
                        const char *symbol, bt_time open_time, double value) {
    size_t sid = 0;
    TRY(find_asset(b, symbol, &sid));
    b->values =
        mem_grow(b->values, b->value_count, &b->value_cap, sizeof *b->values);
    b->values[b->value_count++] =
        (struct value){mem_strdup(field), sid, open_time, value};
    return BT_OK;
}

bt_status builder_fact(struct builder *b, const char *symbol, const char *name,
                       const char *value) {
    size_t sid = 0;
    TRY(find_asset(b, symbol, &sid));
    b->told = mem_grow(b->told, b->told_count, &b->told_cap, sizeof *b->told);
    b->told[b->told_count++] =
        (struct told){sid, mem_strdup(name), mem_strdup(value)};
    return BT_OK;
}

/* All values of the field of value i, which is the first of it. */
static bt_status write_field(struct builder *b, size_t i) {
    const char *name = b->values[i].field;
    double *cells;
    int64_t stride;
    TRY(writer_field(b->writer, name, &cells, &stride));
    for (; i < b->value_count; i++) {
        const struct value *v = &b->values[i];
        if (strcmp(v->field, name) != 0)
            continue;
        int64_t row = calendar_row_of(&b->calendar, v->open_time, 0);
        if (row < 0)
            return fail(BT_E_RANGE, "field %s: no bar at its time", name);
        cells[(int64_t)v->sid * stride + row] = v->value;
    }
    return BT_OK;
}

static bool is_first(const struct builder *b, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (strcmp(b->values[k].field, b->values[i].field) == 0)
            return false;
    return true;
}

static bt_status write_rest(struct builder *b) {
    for (size_t i = 0; i < b->told_count; i++)
        TRY(writer_fact(b->writer, b->told[i].sid, "fact", b->told[i].name,
                        b->told[i].value));
    for (size_t i = 0; i < b->value_count; i++)
        if (is_first(b, i))
            TRY(write_field(b, i));
    return BT_OK;
}

static bt_status write_series(struct builder *b, const struct series *s) {
    TRY(writer_asset(b->writer, s->symbol));
    int64_t row = 0;
    for (int64_t i = 0; i < s->count; i++) {
        const struct bar *x = &s->bars[i];
        row = calendar_row_of(&b->calendar, x->open_time, row);
        TRY(writer_bar(
            b->writer, row,
            (double[]){x->open, x->high, x->low, x->close, x->volume}));
    }
    return writer_asset_end(b->writer);
}

static bt_status write_all(struct builder *b) {
    TRY(calendar_finish(&b->calendar));
    TRY(writer_calendar(b->writer, b->frequency, &b->calendar));
    for (size_t i = 0; i < b->count; i++)
        TRY(write_series(b, &b->series[i]));
    TRY(write_rest(b));
    return b->actions ? writer_actions(b->writer, b->actions) : BT_OK;
}

void builder_actions(struct builder *b, const struct action_set *s) {
    b->actions = s;
}

bt_status builder_commit(struct builder *b, const char *provenance,
                         double skipped_rows, char *sha) {
    bt_status s = write_all(b);
    if (s == BT_OK)
        s = writer_commit(b->writer, provenance, skipped_rows, sha);
    else
        writer_abandon(b->writer);
    release(b);
    return s;
}
