/* A seeded market: eight symbols on New York sessions, free of any licence.
 *
 * One market factor and one factor of its own per symbol, each with GARCH(1,1)
 * variance, so that volatility comes in clusters and symbols move together:
 *     r = drift + beta * market + own,   var' = w + a r^2 + b var
 * Symbols are generated one by one; each replays the market's stream from its
 * key, so memory does not grow with the number of bars and a symbol's path does
 * not depend on which others are made.
 *
 * The same bytes on every machine: base/rng.h draws, + - * / and sqrt are
 * rounded correctly by IEEE 754, nothing else is used, prices are rounded to
 * cents and volumes to whole units.
 *
 * Listing dates are as ragged as in the guide's workload and give its 40,987
 * daily bars: four names span 2000 to 2024, GOOGL, TSLA and META begin when
 * they did in life, NFLX later than it did, to meet the count.
 */
#include "backlua.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/fs.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/status.h"
#include "store/calendar.h"
#include "store/quoting.h"
#include "store/writer.h"
#include "store/xnys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_DAY = 10959, LAST_DAY = 20088 }; /* 2000-01-03, 2024-12-31 */
enum { MAX_MINUTES = 2400000, SESSION_MINUTES = 390 };
#define MINUTE_US INT64_C(60000000)

struct listing {
    const char *symbol;
    int32_t day;         /* of the first bar */
    double price, drift; /* at listing; per year */
    double beta, sd;     /* to the market; own deviation per year */
    double volume;       /* units on a usual day */
};

/* In order of symbol, which is the order of asset ids. */
static const struct listing mag7[] = {
    {"AAPL", FIRST_DAY, 27.5, 0.14, 1.10, 0.21, 90e6},
    {"AMZN", FIRST_DAY, 41.0, 0.14, 1.20, 0.26, 60e6},
    {"GOOGL", 12649, 50.0, 0.12, 1.05, 0.19, 35e6}, /* 2004-08-19 */
    {"META", 15478, 38.0, 0.14, 1.15, 0.25, 28e6},  /* 2012-05-18 */
    {"MSFT", FIRST_DAY, 58.5, 0.09, 1.00, 0.15, 45e6},
    {"NFLX", 14462, 19.0, 0.17, 1.10, 0.29, 14e6}, /* 2009-08-06 */
    {"NVDA", FIRST_DAY, 22.0, 0.16, 1.45, 0.31, 55e6},
    {"TSLA", 14789, 24.0, 0.22, 1.50, 0.36, 80e6}, /* 2010-06-29 */
};
enum { ASSETS = sizeof mag7 / sizeof *mag7 };

/* ---- the process --------------------------------------------------------- */

struct factor {
    struct rng rng;
    double mean, var;   /* variance per session: long run, now */
    double alpha, beta; /* GARCH */
};

static void factor_init(struct factor *f, uint64_t seed, const char *key,
                        double yearly_sd, double alpha, double beta) {
    rng_key(&f->rng, seed, key, 0);
    f->mean = f->var = yearly_sd * yearly_sd / 252;
    f->alpha = alpha;
    f->beta = beta;
}

/* The session's return is r: tomorrow's variance, at most 25 times the mean. */
static void factor_update(struct factor *f, double r) {
    double base = f->mean * (1 - f->alpha - f->beta);
    double var = base + f->alpha * r * r + f->beta * f->var;
    f->var = var < 25 * f->mean ? var : 25 * f->mean;
}

/* A normal shock, one time in a hundred four times as large: news. */
static double factor_draw(struct factor *f, double share) {
    double size = rng_unit(&f->rng) < 0.01 ? 4 : 1;
    return size * sqrt(f->var * share) * rng_normal(&f->rng);
}

struct market {
    const struct listing *listing;
    struct factor all, own;
    double price;       /* unrounded close */
    double sd, long_sd; /* of the symbol's return per session: now, usual */
};

static void market_init(struct market *m, const struct listing *l,
                        uint64_t seed) {
    m->listing = l;
    m->price = l->price;
    factor_init(&m->all, seed, "backlua synthetic market", 0.18, 0.12, 0.86);
    factor_init(&m->own, seed, l->symbol, l->sd, 0.10, 0.86);
    m->long_sd = sqrt(l->beta * l->beta * m->all.mean + m->own.mean);
}

static void market_begin(struct market *m) {
    double beta = m->listing->beta;
    m->sd = sqrt(beta * beta * m->all.var + m->own.var);
}

/* Keep a return sane, and a price away from zero: below 2 it only rises. */
static double tame(const struct market *m, double r) {
    r = r < -0.35 ? -0.35 : r > 0.5 ? 0.5 : r;
    return m->price < 2 && r < 0 ? -r : r;
}

static double cents(double price) {
    return floor(price * 100 + 0.5) / 100;
}

static double noise(struct market *m) {
    return rng_unit(&m->own.rng);
}

/* Extremes beyond open and close, and volume, for a bar of so wide a deviation.
 * share: the bar's part of a session's volume. */
static void finish_bar(struct market *m, double open, double close, double sd,
                       double share, double v[5]) {
    double top = open > close ? open : close;
    double bottom = open > close ? close : open;
    double up = noise(m), down = noise(m);
    double move = fabs(close / open - 1) / sd;
    double busy = 0.55 + 0.3 * (move < 8 ? move : 8) + 0.4 * noise(m);
    v[0] = cents(open);
    v[1] = cents(top * (1 + sd * (0.08 + 0.7 * up * up)));
    v[2] = cents(bottom * (1 - sd * (0.08 + 0.7 * down * down)));
    v[3] = cents(close);
    v[4] = floor(m->listing->volume * share * busy * (m->sd / m->long_sd));
}

/* One session as one bar. */
static void daily_bar(struct market *m, double v[5]) {
    market_begin(m);
    double all = factor_draw(&m->all, 1), own = factor_draw(&m->own, 1);
    factor_update(&m->all, all);
    factor_update(&m->own, own);
    const struct listing *l = m->listing;
    double r = tame(m, l->drift / 252 + l->beta * all + own);
    double gap = 0.35 * r + 0.3 * m->sd * (noise(m) - 0.5);
    double open = m->price * (1 + gap), close = m->price * (1 + r);
    finish_bar(m, open, close, m->sd < 0.2 ? m->sd : 0.2, 1, v);
    m->price = close;
}

/* More happens near open and close: 1.35 there, 0.75 at noon. */
static double hump(int minute) {
    double x = (minute - SESSION_MINUTES / 2) / (double)(SESSION_MINUTES / 2);
    return 0.75 + 0.6 * x * x;
}

static void minute_bar(struct market *m, int minute, double v[5],
                       double *all_sum, double *own_sum) {
    const struct listing *l = m->listing;
    double share = hump(minute) * hump(minute) / (SESSION_MINUTES * 0.95);
    double all = factor_draw(&m->all, share);
    double own = factor_draw(&m->own, share);
    double r =
        tame(m, l->drift / (252 * SESSION_MINUTES) + l->beta * all + own);
    double open = m->price, close = open * (1 + r);
    finish_bar(m, open, close, m->sd * sqrt(share), share, v);
    m->price = close;
    *all_sum += all;
    *own_sum += own;
}

/* ---- the bundle ---------------------------------------------------------- */

static bt_status daily_calendar(struct calendar *c, int32_t first) {
    calendar_begin(c, 0);
    c->schedule = mem_strdup("XNYS");
    for (int32_t d = xnys_next(first); d <= LAST_DAY; d = xnys_next(d + 1)) {
        bt_time open, close;
        xnys_times(d, &open, &close);
        TRY(calendar_add(c, open, close, d));
    }
    calendar_end(c);
    return BT_OK;
}

static bt_status minute_calendar(struct calendar *c, int64_t minutes) {
    calendar_begin(c, minutes);
    c->schedule = mem_strdup("XNYS");
    for (int32_t d = FIRST_DAY; minutes > 0; d = xnys_next(d + 1)) {
        bt_time open, close;
        xnys_times(d, &open, &close);
        for (; open < close && minutes > 0; open += MINUTE_US, minutes--)
            TRY(calendar_add(c, open, open + MINUTE_US, d));
    }
    calendar_end(c);
    return BT_OK;
}

static bt_status daily_asset(struct writer *w, const struct calendar *c,
                             struct market *m, struct quoting *q,
                             int32_t from) {
    for (int64_t row = 0; row < c->rows; row++) {
        double v[5];
        if (c->session[row] < from) { /* not listed: the market goes on */
            factor_update(&m->all, factor_draw(&m->all, 1));
            continue;
        }
        daily_bar(m, v);
        TRY(quoting_bar(q, c->session[row], v));
        TRY(writer_bar(w, row, v));
    }
    return BT_OK;
}

static bt_status minute_asset(struct writer *w, const struct calendar *c,
                              struct market *m, struct quoting *q) {
    for (int64_t row = 0; row < c->rows;) {
        if (interrupt_signal)
            return fail(BT_E_INTERRUPT, "stopped; no bundle was made");
        int32_t session = c->session[row];
        double all = 0, own = 0, v[5];
        market_begin(m);
        m->price *= 1 + tame(m, 0.3 * m->sd * (2 * noise(m) - 1));
        for (int i = 0; row < c->rows && c->session[row] == session; i++) {
            minute_bar(m, i, v, &all, &own);
            TRY(quoting_bar(q, session, v));
            TRY(writer_bar(w, row++, v));
        }
        factor_update(&m->all, all);
        factor_update(&m->own, own);
    }
    return BT_OK;
}

static bt_status write_asset(struct writer *w, const struct calendar *c,
                             const bt_synthetic_config *k,
                             const struct listing *l, struct action_set *set) {
    struct market m;
    struct quoting q = {.set = set,
                        .symbol = l->symbol,
                        .pays = (l - mag7) % 2 == 0,
                        .price = 1,
                        .shares = 1};
    market_init(&m, l, k->seed);
    TRY(writer_asset(w, l->symbol));
    TRY(k->minutes > 0 ? minute_asset(w, c, &m, &q)
                       : daily_asset(w, c, &m, &q, k->full ? 0 : l->day));
    return writer_asset_end(w);
}

static bt_status write_assets(struct writer *w, const struct calendar *c,
                              const bt_synthetic_config *k,
                              struct action_set *set) {
    for (int i = 0; i < k->assets; i++)
        TRY(write_asset(w, c, k, &mag7[i], set));
    return set ? writer_actions(w, set) : BT_OK;
}

static bt_status write_bundle(struct writer *w, struct calendar *c,
                              const bt_synthetic_config *k) {
    TRY(k->minutes > 0 ? minute_calendar(c, k->minutes)
                       : daily_calendar(c, FIRST_DAY));
    TRY(calendar_finish(c));
    TRY(writer_calendar(w, k->minutes > 0 ? "1m" : "1d", c));
    struct action_set *set = k->actions ? action_set_new() : NULL;
    bt_status s = write_assets(w, c, k, set);
    action_set_free(set);
    return s;
}

static bt_status check_config(bt_synthetic_config *k) {
    if (strcmp(k->preset, "mag7") != 0)
        return fail(BT_E_NAME,
                    "unknown synthetic market '%.40s'; there is mag7",
                    k->preset);
    if (k->minutes < 0 || k->minutes > MAX_MINUTES)
        return fail(BT_E_RANGE, "minutes must be 1..%d, got %d", MAX_MINUTES,
                    k->minutes);
    if (k->assets < 0 || k->assets > ASSETS)
        return fail(BT_E_RANGE, "assets must be 1..%d, got %d", ASSETS,
                    k->assets);
    if (k->assets == 0)
        k->assets = ASSETS;
    return BT_OK;
}

static char *synthetic_provenance(const bt_synthetic_config *k) {
    struct buf b;
    buf_init(&b);
    buf_printf(&b,
               "{\"source\":\"synthetic\",\"preset\":\"%s\",\"seed\":%llu,"
               "\"full\":%s,\"minutes\":%d,\"assets\":%d,%s"
               "\"decisions\":[\"synthetic prices: no bar is a real one\"]}",
               k->preset, (unsigned long long)k->seed,
               k->full ? "true" : "false", k->minutes, k->assets,
               k->actions ? "\"actions\":true," : "");
    return buf_take(&b);
}

bt_status bt_synthetic(const bt_synthetic_config *config, char *sha) {
    bt_synthetic_config k = *config;
    struct writer *w;
    struct calendar c;
    TRY(check_config(&k));
    char *folder = k.folder ? mem_strdup(k.folder) : fs_bundles();
    if (folder == NULL)
        return fail(BT_E_IO, "no folder for bundles: set BACKLUA_BUNDLES, or "
                             "$HOME, or make ./bundles");
    bt_status s = writer_open(folder, k.bundle, &w);
    free(folder);
    TRY(s);
    calendar_init(&c);
    s = write_bundle(w, &c, &k);
    char *json = synthetic_provenance(&k);
    if (s == BT_OK)
        s = writer_commit(w, json, 0, sha);
    else
        writer_abandon(w);
    free(json);
    calendar_fini(&c);
    return s;
}
