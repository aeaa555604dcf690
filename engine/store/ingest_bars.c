/* The stages of an ingest that turn rows into bars: how long one is, and one
 * per time. */
#include "store/ingest.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/append.h"
#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- how long a bar is --------------------------------------------------- */

static inline void measure_row(bt_ingest *g, const struct row *row) {
    spacing_add(&g->spacing, &g->marks,
                row->stamp + row->zone * INT64_C(900000000));
}

/* A series at hand: two of its columns. */
static void measure_blocks(bt_ingest *g, const struct series *s) {
    spacing_reset(&g->spacing);
    for (size_t i = 0; i <= s->block_count; i++) {
        const struct block *b = series_piece(s, i);
        for (size_t k = 0; k < b->count; k++)
            measure_row(g, &(struct row){.stamp = block_stamps(b)[k],
                                         .origin = block_origins(b)[k]});
    }
    g->report.passed += (double)s->total;
}

/* Some rows of a series more. */
static bt_status measure(bt_ingest *g, const struct series *s, bool *more) {
    struct walk *w = &g->walk;
    const struct row *row = NULL;
    if (!w->measuring) {
        spacing_reset(&g->spacing);
        TRY(cursor_open(&g->rows, s, &w->cursor));
        w->measuring = true;
    }
    for (int i = 0; i < INGEST_STEP; i++) {
        TRY(cursor_next(&w->cursor, &row));
        if (row == NULL)
            break;
        measure_row(g, row);
        g->report.passed++;
    }
    *more = row != NULL;
    if (row == NULL)
        cursor_close(&w->cursor);
    w->measuring = row != NULL;
    return BT_OK;
}

static bt_status mixed(const bt_ingest *g, const char *symbol,
                       struct frequency f) {
    char one[FREQUENCY_TEXT], other[FREQUENCY_TEXT];
    frequency_format(g->frequency, one);
    frequency_format(f, other);
    return fail(BT_E_DATA,
                "the bars of %s are %s apart, those of %s %s; a bundle holds "
                "one frequency, so ingest them into two",
                g->frequency_symbol, one, symbol, other);
}

static void choose(bt_ingest *g, const struct series *s, struct frequency f,
                   double share, enum certainty certainty) {
    g->certainty = certainty;
    g->frequency = f;
    g->share = share;
    snprintf(g->frequency_symbol, sizeof g->frequency_symbol, "%s", s->symbol);
}

/* A series of a few bars goes along with longer ones. */
enum { BARS_FEW = 10 };

static bt_status judge(bt_ingest *g, const struct series *s) {
    struct frequency f = {FREQUENCY_DAY, 1};
    double share = 0;
    enum spacing_verdict v = spacing_decide(&g->spacing, &f, &share);
    bool few =
        g->spacing.total < BARS_FEW && (g->rows.count > 1 || g->base != NULL);
    if (v == SPACING_FEW || g->options.frequency != NULL)
        return BT_OK;
    if (few && g->certainty == CERTAINTY_NONE)
        choose(g, s, f, share,
               v == SPACING_CLEAR ? CERTAINTY_WEAK : CERTAINTY_NONE);
    else if (!few && v == SPACING_UNCLEAR)
        choose(g, s, f, share, CERTAINTY_UNCLEAR);
    else if (!few && g->certainty < CERTAINTY_CLEAR)
        choose(g, s, f, share, CERTAINTY_CLEAR);
    else if (!few && g->certainty == CERTAINTY_CLEAR &&
             (f.unit != g->frequency.unit || f.n != g->frequency.n))
        return mixed(g, s->symbol, f);
    return BT_OK;
}

static bt_status settle_frequency(bt_ingest *g) {
    if (g->options.frequency != NULL)
        TRY(frequency_parse(g->options.frequency, &g->frequency));
    else if (g->base != NULL && g->certainty != CERTAINTY_CLEAR)
        g->frequency = g->base_frequency;
    else if (g->certainty == CERTAINTY_UNCLEAR)
        return fail(BT_E_USAGE,
                    "the bars of %s have no regular distance; say --frequency "
                    "1m, 5m, 1h, 1d, 1w, 1mo or the like",
                    g->frequency_symbol);
    else if (g->certainty == CERTAINTY_NONE) {
        if (g->marks.midnights < g->marks.rows)
            return fail(BT_E_USAGE,
                        "too few rows to see how long a bar is; say "
                        "--frequency 1m, 5m, 1h, 1d or the like");
        g->frequency = (struct frequency){FREQUENCY_DAY, 1};
    }
    frequency_format(g->frequency, g->frequency_text);
    return g->base != NULL ? append_check_frequency(g) : BT_OK;
}

/* Which end of a bar the vendors' times mark: all files must agree. */
static bt_status vendors_stamp(const bt_ingest *g, int32_t *out) {
    const struct file *first = NULL;
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        int32_t own = f->format ? f->format->stamp : BT_STAMP_AUTO;
        if (f->actions)
            continue;
        if (own == FORMAT_ASK)
            return fail(BT_E_USAGE,
                        "%s: times of %s are the begin of a bar in some files "
                        "and the end in others; say --stamp open or --stamp "
                        "close",
                        f->path, f->format->title);
        own = own == BT_STAMP_AUTO ? BT_STAMP_OPEN : own;
        if (first != NULL && own != *out)
            return fail(BT_E_USAGE,
                        "times of %s and of %s mark different ends of a bar; "
                        "ingest them into two bundles, or say --stamp",
                        first->path, f->path);
        *out = own;
        first = f;
    }
    return BT_OK;
}

static bt_status settle_stamp(bt_ingest *g) {
    struct frequency f = g->frequency;
    int32_t stamp = g->options.stamp;
    bool daily = f.unit == FREQUENCY_DAY && f.n == 1;
    g->rule.frequency = f;
    g->rule.weekends = g->marks.weekday[5] + g->marks.weekday[6] > 0;
    if (frequency_is_intraday(f))
        TRY(ingest_check_zones(g));
    if (stamp == BT_STAMP_AUTO && frequency_is_intraday(f))
        TRY(vendors_stamp(g, &stamp));
    if (stamp == BT_STAMP_AUTO && (daily || frequency_is_intraday(f)))
        stamp = BT_STAMP_OPEN;
    if (stamp == BT_STAMP_AUTO)
        stamp = spacing_end(&g->marks, f);
    if (stamp == BT_STAMP_AUTO)
        return fail(BT_E_USAGE,
                    "bars of %s: does a date mark a bar's first day or its "
                    "last? say --stamp open or --stamp close",
                    g->frequency_text);
    g->rule.stamp = stamp;
    return BT_OK;
}

static bt_status refuse_bad_rows(const bt_ingest *g) {
    double bad = g->rejects.count, rows = g->report.rows;
    const char *are = bad == 1 ? "is" : "are";
    if (bad == 1 && rows == 1)
        return fail(BT_E_DATA, "the only row is bad; nothing was stored");
    if (bad > 0 && bad == rows)
        return fail(BT_E_DATA, "all %.0f rows are bad; nothing was stored",
                    rows);
    if (bad > 0 && !g->options.skip_bad)
        return fail(BT_E_DATA,
                    "%.0f of %.0f rows %s bad; nothing was stored. "
                    "--skip-bad leaves %s out and stores the rest",
                    bad, rows, are, bad == 1 ? "it" : "them");
    if (bad * 2 > rows)
        return fail(BT_E_DATA,
                    "%.0f of %.0f rows are bad, more than half; the files are "
                    "not what they were taken for, so nothing was stored",
                    bad, rows);
    if (g->report.stored == 0)
        return fail(BT_E_DATA, "no row to store in %s%s", g->files[0].path,
                    g->file_count > 1 ? " and the other files" : "");
    return BT_OK;
}

static bt_status measure_series(bt_ingest *g) {
    const struct series *s = g->rows.list[g->at];
    bool more = false;
    if (s->total > 0 && series_at_hand(s))
        measure_blocks(g, s);
    else if (s->total > 0)
        TRY(measure(g, s, &more));
    if (more)
        return BT_OK;
    g->at++;
    g->report.unsorted += (double)s->backward;
    return s->total > 0 ? judge(g, s) : BT_OK;
}

int ingest_spacing(bt_ingest *g) {
    if (g->at < g->rows.count)
        return measure_series(g);
    bt_status s = g->marks.rows > 0 ? settle_frequency(g) : BT_OK;
    if (s == BT_OK && g->marks.rows > 0)
        s = settle_stamp(g);
    if (s != BT_OK && g->rejects.count > 0 && !g->options.skip_bad)
        TRY(refuse_bad_rows(g)); /* say that first */
    ingest_next(g, ingest_bars);
    return s;
}

/* ---- one bar per time ---------------------------------------------------- */

static void conflict(void *context, const struct claim *claim,
                     const struct claim *first) {
    bt_ingest *g = context;
    const struct row *row = claim->row, *other = first->row;
    const struct file *f = &g->files[row->file];
    char value[DATE_TEXT], why[200];
    struct buf where;
    bt_time local = row->stamp + row->zone * INT64_C(900000000);
    if (local % DATE_DAY_US == 0)
        date_format(date_of(local), value);
    else
        date_format_time(row->stamp, value);
    if (claim == first)
        snprintf(why, sizeof why,
                 "another row has other values for the same bar");
    else if (other->file == row->file)
        snprintf(why, sizeof why, "line %u has other values for the same bar",
                 other->line);
    else
        snprintf(why, sizeof why, "%.120s:%u has other values for the same bar",
                 g->files[other->file].path, other->line);
    buf_init(&where);
    buf_printf(&where, "%s:%u: %s", f->path, row->line, f->date_name);
    rejects_add(&g->rejects, row->file, row->line, where.data, value,
                strlen(value), why);
    buf_fini(&where);
}

/* Is there a split on the day, or within the week before it? Vendors disagree
 * by a day or two. */
static bool has_split(const bt_ingest *g, const char *symbol, int32_t day) {
    for (size_t i = 0; i < action_set_count(g->actions); i++) {
        const char *other;
        const bt_action *a = action_set_at(g->actions, i, &other);
        if (a->kind == BT_ACTION_SPLIT && a->day <= day + 7 &&
            a->day >= day - 7 &&
            strcmp(action_set_symbol(g->actions, i), symbol) == 0)
            return true;
    }
    return false;
}

static void judge_jump(bt_ingest *g, const struct series *s,
                       const struct claim *bar, double before) {
    double open = bar->row->v[ROLE_OPEN], ratio = jump_ratio(before, open);
    if (ratio > 0 && g->files[bar->row->file].adjusted < BT_ADJUSTED_SPLITS &&
        !has_split(g, s->symbol, bar->session))
        jump_keep(&g->jumps, s->symbol, bar->session, before, open, ratio);
}

static inline void count_bar(bt_ingest *g, const struct series *s,
                             const struct claim *bar, struct jump_watch *w) {
    const double *v = bar->row->v;
    g->silent += v[ROLE_VOLUME] == 0;
    if (bar->session != w->session && w->close > 0)
        judge_jump(g, s, bar, w->close);
    w->close = v[ROLE_CLOSE];
    w->session = bar->session;
}

/* Row k of a block is the first of a session. */
static void begin_session(bt_ingest *g, const struct series *s,
                          const struct block *b, size_t k,
                          struct jump_watch *w) {
    struct row row;
    block_get(b, k, &row);
    struct claim bar = {.session = date_of(row.stamp), .row = &row};
    if (k > 0)
        w->close = block_values(b, ROLE_CLOSE)[k - 1];
    if (bar.session != w->session && w->close > 0)
        judge_jump(g, s, &bar, w->close);
    w->session = bar.session;
}

static int64_t count_zeros(const double *v, size_t n) {
    int64_t zeros = 0;
    for (size_t i = 0; i < n; i++)
        zeros += v[i] == 0;
    return zeros;
}

/* Each row is a bar of fixed length that opens at its stamp. */
static bt_status count_plain(bt_ingest *g, const struct series *s,
                             struct jump_watch *watch) {
    int64_t length = frequency_us(g->rule.frequency);
    bt_time day_end = INT64_MIN;
    for (size_t i = 0; i <= s->block_count; i++) {
        const struct block *b = series_piece(s, i);
        calendar_rest(&g->calendar);
        if (b->count == 0)
            continue;
        for (size_t k = 0; k < b->count; k++) {
            bt_time stamp = block_stamps(b)[k];
            if (stamp >= day_end) {
                begin_session(g, s, b, k, watch);
                day_end = (watch->session + 1) * DATE_DAY_US;
            }
            TRY(calendar_add(&g->calendar, stamp, stamp + length,
                             watch->session));
        }
        watch->close = block_values(b, ROLE_CLOSE)[b->count - 1];
        g->silent +=
            (double)count_zeros(block_values(b, ROLE_VOLUME), b->count);
    }
    g->report.stored += (double)s->total;
    g->report.passed += (double)s->total;
    return BT_OK;
}

static bt_status open_claims(bt_ingest *g, const struct series *s) {
    struct bars *b = &g->walk.bars;
    TRY(bars_open(b, &g->rule, &g->rows, s));
    b->conflict = conflict;
    b->context = g;
    g->walk.counting = true;
    return BT_OK;
}

static void close_claims(bt_ingest *g) {
    g->report.duplicates += g->walk.bars.duplicates;
    bars_close(&g->walk.bars);
    g->walk.counting = false;
}

/* Some bars of a series more. */
static bt_status count_claims(bt_ingest *g, const struct series *s,
                              bool *more) {
    const struct claim *bar = NULL;
    if (!g->walk.counting)
        TRY(open_claims(g, s));
    calendar_rest(&g->calendar);
    for (int i = 0; i < INGEST_STEP; i++) {
        TRY(bars_next(&g->walk.bars, &bar));
        if (bar == NULL)
            break;
        g->report.stored++;
        g->report.passed++;
        count_bar(g, s, bar, &g->walk.watch);
        TRY(calendar_add(&g->calendar, bar->open, bar->close, bar->session));
    }
    *more = bar != NULL;
    if (bar == NULL)
        close_claims(g);
    return BT_OK;
}

static void begin_count(bt_ingest *g, const struct series *s) {
    g->walk.before = g->report.stored;
    g->walk.watch = (struct jump_watch){0};
    calendar_begin(&g->calendar, s->total);
}

static void end_count(bt_ingest *g, struct series *s) {
    double bars = g->report.stored - g->walk.before;
    calendar_end(&g->calendar);
    s->end = g->walk.watch.session;
    s->clean = bars == (double)s->total;
    if (bars == 0)
        s->total = 0; /* nothing good in it: not an asset */
}

/* Count a series' bars and take their times into the calendar. */
static bt_status count_bars(bt_ingest *g, struct series *s, bool *more) {
    bool plain =
        series_at_hand(s) && !s->repeats && bar_rule_is_plain(&g->rule);
    if (!g->walk.counting)
        begin_count(g, s);
    TRY(plain ? count_plain(g, s, &g->walk.watch) : count_claims(g, s, more));
    if (!*more)
        end_count(g, s);
    return BT_OK;
}

static void finish_report(bt_ingest *g) {
    const struct calendar *c = &g->calendar;
    int32_t symbols = 0;
    for (size_t i = 0; i < g->rows.count; i++)
        symbols += g->rows.list[i]->total > 0;
    g->report.symbols = symbols;
    g->report.calendar = (double)c->rows;
    g->report.first = c->close[0];
    g->report.last = c->close[c->rows - 1];
}

int ingest_bars(bt_ingest *g) {
    if (g->at < g->rows.count) {
        struct series *s = g->rows.list[g->at];
        bool more = false;
        bt_status status = s->total > 0 ? count_bars(g, s, &more) : BT_OK;
        g->report.rejected = g->rejects.count;
        g->at += !more;
        return status;
    }
    TRY(refuse_bad_rows(g));
    if (g->base != NULL)
        TRY(append_calendar(g));
    TRY(calendar_finish(&g->calendar));
    TRY(ingest_known_actions(g));
    if (g->base == NULL)
        TRY(ingest_ends(g));
    finish_report(g);
    ingest_note_calendar(g);
    ingest_note_result(g);
    if (g->options.dry_run) {
        ingest_note_fields(g);
        ingest_stage(g, 3, 0);
        ingest_next(g, NULL);
        return BT_OK;
    }
    TRY(writer_calendar(g->writer, g->frequency_text, &g->calendar));
    ingest_stage(g, 2, g->report.stored);
    ingest_next(g, ingest_write);
    return BT_OK;
}
