/* Facts of an asset are few, sparse and given by people, so they are kept as
 * pairs of name and value, the value in one canonical text: numbers shortest,
 * dates ISO. The content hash covers them, since a backtest can see them.
 *
 * They say what an asset is all of its life. What changes with time, such as a
 * symbol, does not belong here.
 */
#include "store/fact.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_TEXT, KIND_POSITIVE, KIND_DATE };

static const struct {
    const char *name;
    enum kind kind;
} FACTS[] = {{"exchange", KIND_TEXT},       {"first_date", KIND_DATE},
             {"last_date", KIND_DATE},      {"lot_size", KIND_POSITIVE},
             {"multiplier", KIND_POSITIVE}, {"name", KIND_TEXT},
             {"tick_size", KIND_POSITIVE}};
enum { KNOWN = sizeof FACTS / sizeof *FACTS };

const char *fact_name(size_t i) {
    return i < KNOWN ? FACTS[i].name : NULL;
}

static bt_status find(const char *what, const char *name, int *out) {
    const char *names[KNOWN];
    for (int i = 0; i < KNOWN; i++) {
        names[i] = FACTS[i].name;
        if (strcmp(name, FACTS[i].name) == 0) {
            *out = i;
            return BT_OK;
        }
    }
    const char *near = bt_nearest(name, names, KNOWN);
    if (near)
        return fail(BT_E_NAME, "%s: no fact '%.60s'; did you mean '%s'?", what,
                    name, near);
    return fail(BT_E_NAME,
                "%s: no fact '%.60s'; there are exchange, first_date, "
                "last_date, lot_size, multiplier, name, tick_size",
                what, name);
}

static bt_status bad(const char *what, const char *name, const char *value,
                     const char *why) {
    return fail(BT_E_DATA, "%s: %s '%.60s': %s", what, name, value, why);
}

/* The canonical text of a value. out: [FACT_TEXT_MAX + 1] */
static bt_status canonical(const char *what, int k, const char *value,
                           char *out) {
    size_t n = strlen(value);
    bt_time t;
    bool has_time;
    double v;
    switch (FACTS[k].kind) {
    case KIND_POSITIVE:
        if (!num_parse(value, n, &v) || !(v > 0 && v <= 1e15))
            return bad(what, FACTS[k].name, value, "not a number above 0");
        num_format(v, out);
        return BT_OK;
    case KIND_DATE:
        if (!date_parse(value, n, &t, &has_time) || has_time)
            return bad(what, FACTS[k].name, value, "not a date yyyy-mm-dd");
        date_format(date_of(t), out);
        return BT_OK;
    default:
        if (n > FACT_TEXT_MAX)
            return bad(what, FACTS[k].name, value, "longer than 200 bytes");
        for (size_t i = 0; i < n; i++)
            if ((unsigned char)value[i] < ' ' || value[i] == 127)
                return bad(what, FACTS[k].name, value,
                           "it holds a control character");
        memcpy(out, value, n + 1);
        return BT_OK;
    }
}

static struct fact *place(struct fact_list *l, const char *name) {
    size_t at = 0;
    while (at < l->count && strcmp(l->facts[at].name, name) < 0)
        at++;
    if (at < l->count && strcmp(l->facts[at].name, name) == 0) {
        free(l->facts[at].value);
        return &l->facts[at];
    }
    l->facts = mem_grow(l->facts, l->count, &l->cap, sizeof *l->facts);
    memmove(&l->facts[at + 1], &l->facts[at],
            (l->count++ - at) * sizeof *l->facts);
    return &l->facts[at];
}

bt_status fact_list_put(struct fact_list *l, const char *what, const char *name,
                        const char *value) {
    char text[FACT_TEXT_MAX + 1];
    int k = 0;
    TRY(find(what, name, &k));
    if (value[0] == '\0')
        return BT_OK;
    TRY(canonical(what, k, value, text));
    *place(l, FACTS[k].name) = (struct fact){FACTS[k].name, mem_strdup(text)};
    return BT_OK;
}

void fact_list_fini(struct fact_list *l) {
    for (size_t i = 0; i < l->count; i++)
        free(l->facts[i].value);
    free(l->facts);
    *l = (struct fact_list){0};
}

size_t fact_list_bytes(const struct fact_list *l) {
    size_t bytes = 0;
    for (size_t i = 0; i < l->count; i++)
        bytes += sizeof *l->facts + strlen(l->facts[i].value) + 1;
    return bytes;
}

/* ---- what they say --------------------------------------------------------*/

static const char *text_of(const struct fact_list *l, const char *name) {
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->facts[i].name, name) == 0)
            return l->facts[i].value;
    return "";
}

static double number_of(const struct fact_list *l, const char *name,
                        double fallback) {
    const char *text = text_of(l, name);
    double v;
    return num_parse(text, strlen(text), &v) ? v : fallback;
}

static double date_seconds(const struct fact_list *l, const char *name) {
    const char *text = text_of(l, name);
    bt_time t;
    bool has_time;
    return date_parse(text, strlen(text), &t, &has_time) ? (double)t / 1e6
                                                         : (double)NAN;
}

void fact_list_read(const struct fact_list *l, bt_asset_facts *out) {
    *out = (bt_asset_facts){
        .tick_size = number_of(l, "tick_size", 0),
        .lot_size = number_of(l, "lot_size", 0),
        .multiplier = number_of(l, "multiplier", 1),
        .first_date = date_seconds(l, "first_date"),
        .last_date = date_seconds(l, "last_date"),
        .exchange = text_of(l, "exchange"),
        .name = text_of(l, "name"),
    };
}
