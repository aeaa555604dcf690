/* Corporate actions from files beside the bars.
 *
 * Tables of ours are read as they are, an empty cell being what is not known:
 *
 *     splits      symbol,date,ratio
 *     dividends   symbol,ex_date,amount[,pay_date,currency]
 *     mergers     symbol,merger_date,other,ratio,cash
 *     delistings  symbol,delisting_date[,price]
 *     symbols     symbol,change_date,old_symbol
 *
 * LEAN's factor files hold what is
 * left of both: row i is the product of all later events, valid up to its day.
 * So the split after day i is split[i+1] / split[i], and since a dividend D off
 * a close C lowers the price factor by 1 - D / C, D = C * (1 - price[i] /
 * price[i+1]). The factors have seven digits, which leaves a dividend right to
 * a tenth of a cent. Map files hold the last day of each name; the last of all
 * is that of the asset, unless it lies in 2050.
 *
 * Such files are small and exact: the first bad row is an error.
 */
#include "store/ingest.h"

#include "base/date.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One record: its cells, and where it stands. */
struct record {
    bt_ingest *g;
    const struct file *f;
    const struct cell *cells;
    size_t count;
    uint32_t line;
};

/* Of LEAN's files: the row before. */
struct before {
    bool any;
    int32_t day;
    double price, split, close;
    char name[65], symbol[65];
};

static bt_status bad(const struct record *r, size_t column, const char *why) {
    struct buf value;
    const struct cell *c = column < r->count ? &r->cells[column] : NULL;
    buf_init(&value);
    if (c != NULL)
        buf_quote(&value, c->text, c->n, 40);
    bt_status s =
        fail(BT_E_DATA, "%s:%u: column %zu, value %s: %s", r->f->path, r->line,
             column + 1, c != NULL ? value.data : "missing", why);
    buf_fini(&value);
    return s;
}

static bt_status read_day(const struct record *r, size_t column, int32_t *out) {
    struct stamp_rules rules = {.zone = -1};
    struct stamp stamp;
    if (column >= r->count)
        return bad(r, column, "no date");
    const struct cell *c = &r->cells[column];
    rules.form = stamp_form_of(c->text, c->n);
    const char *why = rules.form == STAMP_ISO || rules.form == STAMP_COMPACT
                          ? stamp_parse(&rules, c->text, c->n, &stamp)
                          : "not a date like 2012-01-31";
    if (why != NULL)
        return bad(r, column, why);
    *out = date_of(stamp.time + stamp.zone * INT64_C(900000000));
    return BT_OK;
}

static bt_status read_number(const struct record *r, size_t column,
                             double *out) {
    if (column >= r->count ||
        !num_parse(r->cells[column].text, r->cells[column].n, out) ||
        !isfinite(*out))
        return bad(r, column, "not a number");
    return *out > 0 ? BT_OK : bad(r, column, "must be greater than 0");
}

static bt_status read_text(const struct record *r, size_t column,
                           char out[65]) {
    out[0] = '\0';
    if (column >= r->count)
        return BT_OK;
    const struct cell *c = &r->cells[column];
    if (c->n > 64)
        return bad(r, column, "at most 64 bytes");
    memcpy(out, c->text, c->n);
    out[c->n] = '\0';
    return BT_OK;
}

/* ---- splits.csv and dividends.csv ---------------------------------------- */

static bt_status add_split(const struct record *r) {
    char symbol[65];
    int32_t day = 0;
    double ratio = 0;
    TRY(read_text(r, 0, symbol));
    TRY(read_day(r, 1, &day));
    TRY(read_number(r, 2, &ratio));
    return action_set_split(r->g->actions, symbol, day, ratio);
}

static bt_status add_dividend(const struct record *r) {
    char symbol[65], currency[65];
    int32_t day = 0, pay = BT_NO_DAY;
    double amount = 0;
    TRY(read_text(r, 0, symbol));
    TRY(read_day(r, 1, &day));
    TRY(read_number(r, 2, &amount));
    if (r->count > 3 && r->cells[3].n > 0)
        TRY(read_day(r, 3, &pay));
    TRY(read_text(r, 4, currency));
    return action_set_dividend(r->g->actions, symbol, day, amount, pay,
                               BT_NO_DAY, currency);
}

/* A number that may be left out: 0. */
static bt_status read_optional(const struct record *r, size_t column,
                               double *out) {
    *out = 0;
    if (column >= r->count || r->cells[column].n == 0)
        return BT_OK;
    if (num_parse(r->cells[column].text, r->cells[column].n, out) && *out == 0)
        return BT_OK;
    return read_number(r, column, out);
}

static bt_status add_merger(const struct record *r) {
    char symbol[65], other[65];
    int32_t day = 0;
    double ratio, cash;
    TRY(read_text(r, 0, symbol));
    TRY(read_day(r, 1, &day));
    TRY(read_text(r, 2, other));
    TRY(read_optional(r, 3, &ratio));
    TRY(read_optional(r, 4, &cash));
    return action_set_merger(r->g->actions, symbol, day, *other ? other : NULL,
                             ratio, cash);
}

static bt_status add_delisting(const struct record *r) {
    char symbol[65];
    int32_t day = 0;
    double price;
    TRY(read_text(r, 0, symbol));
    TRY(read_day(r, 1, &day));
    TRY(read_optional(r, 2, &price));
    return action_set_delisting(r->g->actions, symbol, day, price);
}

static bt_status add_rename(const struct record *r) {
    char symbol[65], old[65];
    int32_t day = 0;
    TRY(read_text(r, 0, symbol));
    TRY(read_day(r, 1, &day));
    TRY(read_text(r, 2, old));
    return action_set_rename(r->g->actions, symbol, day, old);
}

/* ---- LEAN ---------------------------------------------------------------- */

enum { LEAN_LISTED = 29219 }; /* 2050-01-01: an asset that is still listed */

/* The first weekday behind day: LEAN writes the last day before an event. */
static int32_t day_after(int32_t day) {
    do
        day++;
    while (date_weekday(day) >= 5);
    return day;
}

static void lean_symbol(const struct record *r, char out[65]) {
    const char *name = fs_base(r->f->path);
    size_t n = strcspn(name, ".");
    n = n < 64 ? n : 64;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)toupper((unsigned char)name[i]);
    out[n] = '\0';
}

/* The ratio of two factors as companies declare it, 5:4 and not 1.249993: the
 * fraction of small numbers nearest to it, or 1:n, where the digits of the
 * factors cannot tell them apart. */
static double declared_ratio(double ratio) {
    enum { LARGEST_PART = 20 };
    double inverse = nearbyint(1 / ratio);
    for (int part = 1; part <= LARGEST_PART; part++) {
        double whole = nearbyint(ratio * part);
        if (fabs(ratio * part - whole) < 1e-5 * whole)
            return whole / part;
    }
    return fabs(1 / ratio - inverse) < 1e-5 * inverse ? 1 / inverse : ratio;
}

static bt_status add_factor(const struct record *r, struct before *b) {
    struct before now = {.any = true};
    char symbol[65];
    lean_symbol(r, symbol);
    TRY(read_day(r, 0, &now.day));
    TRY(read_number(r, 1, &now.price));
    TRY(read_number(r, 2, &now.split));
    if (r->count > 3 && !num_parse(r->cells[3].text, r->cells[3].n, &now.close))
        return bad(r, 3, "not a number");
    struct before old = *b;
    *b = now;
    if (!old.any)
        return BT_OK;
    double ratio = now.split / old.split;
    double cash = old.close * (1 - old.price / now.price);
    double cents = nearbyint(cash / ratio * 1000) / 1000; /* for a new unit */
    int32_t day = day_after(old.day);
    if (fabs(ratio - 1) > 1e-6)
        TRY(action_set_split(r->g->actions, symbol, day,
                             declared_ratio(ratio)));
    return cents > 0 ? action_set_dividend(r->g->actions, symbol, day, cents,
                                           BT_NO_DAY, BT_NO_DAY, NULL)
                     : BT_OK;
}

static bt_status add_name(const struct record *r, struct before *b) {
    struct before now = {.any = true};
    char symbol[65];
    lean_symbol(r, symbol);
    snprintf(now.symbol, sizeof now.symbol, "%s", symbol);
    TRY(read_day(r, 0, &now.day));
    TRY(read_text(r, 1, now.name));
    for (char *s = now.name; *s != '\0'; s++)
        *s = (char)toupper((unsigned char)*s);
    struct before old = *b;
    *b = now;
    if (!old.any || strcmp(old.name, now.name) == 0)
        return BT_OK;
    return action_set_rename(r->g->actions, symbol, day_after(old.day),
                             old.name);
}

/* ---- a file -------------------------------------------------------------- */

static bt_status add_record(const struct record *r, struct before *b) {
    switch (r->f->format->kind) {
    case FORMAT_SPLITS:
        return add_split(r);
    case FORMAT_CASH:
        return add_dividend(r);
    case FORMAT_MERGERS:
        return add_merger(r);
    case FORMAT_DELISTINGS:
        return add_delisting(r);
    case FORMAT_RENAMES:
        return add_rename(r);
    case FORMAT_FACTORS:
        return add_factor(r, b);
    default:
        return add_name(r, b);
    }
}

/* The reader of a file. */
struct listing {
    struct record record;
    struct before before;
};

static bt_status add_row(void *ctx, size_t count) {
    struct listing *l = ctx;
    struct record *r = &l->record;
    r->line = r->g->csv.line;
    r->count = count;
    if (count == 0 || count > CSV_COLUMNS)
        return fail(BT_E_DATA, "%s:%u: no row of %s", r->f->path, r->line,
                    r->f->format->title);
    return add_record(r, &l->before);
}

bt_status ingest_read_actions(bt_ingest *g, struct file *f) {
    struct listing l = {.record = {.g = g, .f = f, .cells = g->parser.cells}};
    const struct before *b = &l.before;
    size_t before = action_set_count(g->actions);
    TRY(csv_each(&g->csv, g->layout.separator, g->parser.cells, add_row, &l));
    if (f->format->kind == FORMAT_MAP && b->any && b->day < LEAN_LISTED)
        TRY(action_set_delisting(g->actions, b->symbol, day_after(b->day), 0));
    if (!f->inner)
        source_sha(g->csv.source, f->sha);
    g->bytes_before += source_done(g->csv.source);
    g->report.files_done++;
    size_t found = action_set_count(g->actions) - before;
    ingest_note(g, "%s: %s, %zu action%s", f->path, f->format->title, found,
                found == 1 ? "" : "s");
    return BT_OK;
}

/* ---- those of assets ----------------------------------------------------- */

static bt_status copy_action(const bt_action *a, const char *symbol,
                             const char *other, struct action_set *out) {
    switch (a->kind) {
    case BT_ACTION_SPLIT:
        return action_set_split(out, symbol, a->day, a->value);
    case BT_ACTION_DIVIDEND:
        return action_set_dividend(out, symbol, a->day, a->value, a->pay_day,
                                   a->declared_day, a->text);
    case BT_ACTION_SYMBOL:
        return action_set_rename(out, symbol, a->day, a->text);
    case BT_ACTION_MERGER:
        return action_set_merger(out, symbol, a->day, other, a->value, a->cash);
    default:
        return action_set_delisting(out, symbol, a->day, a->value);
    }
}

static const char *const adjusted_words[] = {"unknown", "none", "splits",
                                             "all"};

/* What the prices of all files are adjusted for. */
static bt_status common_adjusted(const bt_ingest *g, int32_t *out) {
    const struct file *first = NULL;
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        if (f->actions)
            continue;
        if (f->adjusted == BT_ADJUSTED_UNKNOWN)
            return fail(BT_E_USAGE,
                        "there are splits or dividends to apply: are the "
                        "prices of %s adjusted for them already? say "
                        "--adjusted none, splits or all",
                        f->path);
        if (first != NULL && first->adjusted != f->adjusted)
            return fail(BT_E_USAGE,
                        "there are splits or dividends to apply, but the "
                        "prices of %s are adjusted for %s and those of %s for "
                        "%s; ingest them into two bundles, or say --adjusted",
                        first->path, adjusted_words[first->adjusted], f->path,
                        adjusted_words[f->adjusted]);
        first = first ? first : f;
    }
    *out = first != NULL ? first->adjusted : BT_ADJUSTED_UNKNOWN;
    return BT_OK;
}

/* Prices that hold an action already get it no second time. */
static bool is_dropped(bt_ingest *g, const bt_action *a, int32_t adjusted) {
    bool split = a->kind == BT_ACTION_SPLIT && adjusted >= BT_ADJUSTED_SPLITS;
    bool cash = a->kind == BT_ACTION_DIVIDEND && adjusted == BT_ADJUSTED_ALL;
    g->drops_splits |= split;
    g->drops_dividends |= cash;
    return split || cash;
}

static bool any_that_prices_may_hold(const struct action_set *s) {
    for (size_t i = 0; i < action_set_count(s); i++) {
        const char *other;
        int32_t kind = action_set_at(s, i, &other)->kind;
        if (kind == BT_ACTION_SPLIT || kind == BT_ACTION_DIVIDEND)
            return true;
    }
    return false;
}

static bool has_bars(const bt_ingest *g, const struct map *symbols,
                     const char *symbol) {
    return map_get(symbols, symbol) != NULL ||
           (g->base != NULL && bt_bundle_find(g->base, symbol) >= 0);
}

static bt_status known_actions(bt_ingest *g, const struct map *symbols,
                               struct action_set *known) {
    size_t left = 0;
    int32_t adjusted = BT_ADJUSTED_NONE;
    if (any_that_prices_may_hold(g->actions))
        TRY(common_adjusted(g, &adjusted));
    for (size_t i = 0; i < action_set_count(g->actions); i++) {
        const char *other, *symbol = action_set_symbol(g->actions, i);
        const bt_action *a = action_set_at(g->actions, i, &other);
        if (!has_bars(g, symbols, symbol))
            left++;
        else if (!is_dropped(g, a, adjusted))
            TRY(copy_action(a, symbol, other, known));
    }
    if (left > 0)
        ingest_note(g, "%zu corporate actions of symbols without bars left out",
                    left);
    return BT_OK;
}

bt_status ingest_known_actions(bt_ingest *g) {
    struct map *symbols = map_new();
    struct action_set *known = action_set_new();
    for (size_t i = 0; i < g->rows.count; i++)
        if (g->rows.list[i]->total > 0)
            map_put(symbols, g->rows.list[i]->symbol, g);
    bt_status s = known_actions(g, symbols, known);
    map_free(symbols);
    if (s != BT_OK) {
        action_set_free(known);
        return s;
    }
    action_set_free(g->actions);
    g->actions = known;
    return BT_OK;
}
