/* Corporate actions as they are read, by symbol, in any order.
 *
 * Every number is checked here, once, wherever it came from. The same fact from
 * two places (a column beside the bars and a file of splits) counts once; two
 * ratios for one day are a contradiction that somebody has to resolve.
 *
 * Cost: add O(1) on average, by a map over the fact in words.
 */
#include "store/actions.h"

#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char *symbol, *other, *text;
    bt_action action;
};

struct action_set {
    struct entry *entries;
    size_t count, cap;
    struct map *known; /* the fact in words -> entry + 1 */
};

struct action_set *action_set_new(void) {
    struct action_set *s = mem_zalloc(1, sizeof *s);
    s->known = map_new();
    return s;
}

void action_set_free(struct action_set *s) {
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++) {
        free(s->entries[i].symbol);
        free(s->entries[i].other);
        free(s->entries[i].text);
    }
    free(s->entries);
    map_free(s->known);
    free(s);
}

size_t action_set_count(const struct action_set *s) {
    return s->count;
}

const char *action_set_symbol(const struct action_set *s, size_t i) {
    return s->entries[i].symbol;
}

const bt_action *action_set_at(const struct action_set *s, size_t i,
                               const char **other) {
    *other = s->entries[i].other;
    return &s->entries[i].action;
}

/* ---- adding ---------------------------------------------------------------*/

/* Days of the years 1600 to 2500: a date outside is a misread file. */
enum { DAY_MIN = -135140, DAY_MAX = 193800 };

static bt_status check_day(const char *symbol, const char *what, int32_t day) {
    if (day >= DAY_MIN && day <= DAY_MAX)
        return BT_OK;
    return fail(BT_E_RANGE,
                "%s of %s: day %d must lie between the years 1600 and 2500",
                what, symbol, day);
}

static bt_status check_number(const char *symbol, const char *what, double v,
                              double min, double max) {
    if (v >= min && v <= max)
        return BT_OK;
    return fail(BT_E_RANGE, "%s of %s must be a number %g..%g, got %.17g", what,
                symbol, min, max, v);
}

/* The same fact has the same words. */
static char *words(const char *symbol, const char *other, const bt_action *a) {
    if (a->kind == BT_ACTION_SPLIT)
        return mem_printf("split %d %s", a->day, symbol);
    return mem_printf("%s %d %d %.17g %.17g %s %s %s", bt_action_name(a->kind),
                      a->day, a->pay_day, a->value, a->cash, other ? other : "",
                      a->text, symbol);
}

static bt_status met_before(const struct entry *e, const bt_action *a) {
    char day[DATE_TEXT];
    if (e->action.value == a->value)
        return BT_OK;
    date_format(a->day, day);
    return fail(BT_E_USAGE,
                "two splits of %s on %s, %.17g and %.17g; keep the right one",
                e->symbol, day, e->action.value, a->value);
}

static bt_status add(struct action_set *s, const char *symbol,
                     const char *other, const bt_action *a) {
    char *key = words(symbol, other, a);
    size_t known = (size_t)(uintptr_t)map_get(s->known, key);
    if (known == 0)
        map_put(s->known, key, (void *)(uintptr_t)(s->count + 1));
    free(key);
    if (known > 0)
        return met_before(&s->entries[known - 1], a);
    s->entries = mem_grow(s->entries, s->count, &s->cap, sizeof *s->entries);
    struct entry *e = &s->entries[s->count++];
    *e = (struct entry){.symbol = mem_strdup(symbol),
                        .other = other ? mem_strdup(other) : NULL,
                        .text = mem_strdup(a->text),
                        .action = *a};
    e->action.text = e->text;
    return BT_OK;
}

static bt_action plain(int32_t kind, int32_t day, double value) {
    return (bt_action){.kind = kind,
                       .day = day,
                       .pay_day = BT_NO_DAY,
                       .declared_day = BT_NO_DAY,
                       .other = -1,
                       .value = value,
                       .text = ""};
}

bt_status action_set_split(struct action_set *s, const char *symbol,
                           int32_t day, double ratio) {
    bt_action a = plain(BT_ACTION_SPLIT, day, ratio);
    TRY(check_day(symbol, "a split", day));
    TRY(check_number(symbol, "the ratio of a split", ratio, 1e-6, 1e6));
    return ratio == 1 ? BT_OK : add(s, symbol, NULL, &a);
}

bt_status action_set_dividend(struct action_set *s, const char *symbol,
                              int32_t ex_day, double amount, int32_t pay_day,
                              int32_t declared_day, const char *currency) {
    bt_action a = plain(BT_ACTION_DIVIDEND, ex_day, amount);
    a.pay_day = pay_day;
    a.declared_day = declared_day;
    a.text = currency ? currency : "";
    TRY(check_day(symbol, "the ex-date of a dividend", ex_day));
    TRY(check_number(symbol, "a dividend", amount, 1e-12, 1e12));
    if (declared_day != BT_NO_DAY)
        TRY(check_day(symbol, "the declaration of a dividend", declared_day));
    if (pay_day == BT_NO_DAY)
        return add(s, symbol, NULL, &a);
    TRY(check_day(symbol, "the payment of a dividend", pay_day));
    if (pay_day >= ex_day)
        return add(s, symbol, NULL, &a);
    char ex[DATE_TEXT], pay[DATE_TEXT];
    date_format(ex_day, ex);
    date_format(pay_day, pay);
    return fail(BT_E_RANGE,
                "a dividend of %s is paid on %s, before its ex-date %s; swap "
                "them or leave the pay date out",
                symbol, pay, ex);
}

bt_status action_set_merger(struct action_set *s, const char *symbol,
                            int32_t day, const char *other, double ratio,
                            double cash) {
    bt_action a = plain(BT_ACTION_MERGER, day, ratio);
    a.cash = cash;
    TRY(check_day(symbol, "a merger", day));
    TRY(check_number(symbol, "the ratio of a merger", ratio, 0, 1e6));
    TRY(check_number(symbol, "the cash of a merger", cash, 0, 1e12));
    if (ratio == 0 && cash == 0)
        return fail(BT_E_RANGE,
                    "a merger of %s gives neither units nor cash; a "
                    "delisting says that it ends",
                    symbol);
    if ((ratio > 0) != (other != NULL))
        return fail(BT_E_USAGE,
                    "a merger of %s: units of another asset need its symbol "
                    "and a ratio above 0",
                    symbol);
    if (other && strcmp(other, symbol) == 0)
        return fail(BT_E_USAGE, "%s cannot merge into itself", symbol);
    return add(s, symbol, other, &a);
}

bt_status action_set_rename(struct action_set *s, const char *symbol,
                            int32_t day, const char *old) {
    bt_action a = plain(BT_ACTION_SYMBOL, day, 0);
    a.text = old;
    TRY(check_day(symbol, "a change of symbol", day));
    size_t n = strlen(old);
    if (n == 0 || n > 64)
        return fail(BT_E_RANGE,
                    "old symbol '%.80s' of %s: 1 to 64 bytes, got "
                    "%zu",
                    old, symbol, n);
    return add(s, symbol, NULL, &a);
}

#define END "no more bars"

bool action_is_end(const bt_action *a) {
    return a->kind == BT_ACTION_DELISTING && strcmp(a->text, END) == 0;
}

bt_status action_set_end(struct action_set *s, const char *symbol,
                         int32_t day) {
    bt_action a = plain(BT_ACTION_DELISTING, day, 0);
    a.text = END;
    return add(s, symbol, NULL, &a);
}

bt_status action_set_delisting(struct action_set *s, const char *symbol,
                               int32_t day, double price) {
    bt_action a = plain(BT_ACTION_DELISTING, day, price);
    TRY(check_day(symbol, "a delisting", day));
    TRY(check_number(symbol, "the price at a delisting", price, 0, 1e12));
    return add(s, symbol, NULL, &a);
}
