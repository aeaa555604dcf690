/* What an ingest understood, in words for people and as JSON for the bundle. */
#include "store/ingest.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ingest_note(bt_ingest *g, const char *fmt, ...) {
    char text[1000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    for (char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = '?'; /* a file's name may hold anything */
    struct notes *n = &g->notes;
    n->list = mem_grow(n->list, n->count, &n->cap, sizeof *n->list);
    n->list[n->count++] = mem_strdup(text);
}

/* ---- input --------------------------------------------------------------- */

static void note_shapes(bt_ingest *g) {
    size_t it = 0;
    const char *text;
    void *value;
    while (map_next(g->shapes, &it, &text, &value)) {
        const struct shape *s = value;
        if (s->files == 1)
            ingest_note(g, "%s: %s", s->path, text);
        else
            ingest_note(g, "%zu files such as %s: %s", s->files, s->path, text);
    }
}

static const char *order_text(int32_t order) {
    return order == BT_DATES_MDY ? "month/day/year" : "day/month/year";
}

/* Orders that sources are known to write, one line for each of them. */
static void note_known_orders(bt_ingest *g) {
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        bool said = f->order == BT_DATES_AUTO;
        for (size_t k = 0; k < i && !said; k++)
            said = g->files[k].order != BT_DATES_AUTO &&
                   g->files[k].format == f->format;
        if (!said)
            ingest_note(g,
                        "dates of %s are %s, as the source writes them "
                        "(--dates overrides)",
                        f->format->title, order_text(f->order));
    }
}

/* The order of the others. */
static void note_order(bt_ingest *g) {
    const char *order = order_text(g->order);
    const struct evidence *e =
        g->order == BT_DATES_MDY ? &g->dates.mdy : &g->dates.dmy;
    if (g->options.dates != BT_DATES_AUTO)
        ingest_note(g, "dates are %s, as given", order);
    else if (g->dotted)
        ingest_note(g,
                    "dates are %s, as dates with points are (--dates "
                    "overrides)",
                    order);
    else
        ingest_note(g, "dates are %s, as %s (%s) shows (--dates overrides)",
                    order, e->value, e->where);
}

static void note_dates(bt_ingest *g) {
    size_t epochs = 0, zoned = 0, slashes = 0;
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        if (f->actions)
            continue;
        epochs += f->form == STAMP_EPOCH;
        zoned += f->zoned;
        slashes += f->form == STAMP_SLASH && f->order == BT_DATES_AUTO;
    }
    note_known_orders(g);
    if (slashes > 0)
        note_order(g);
    if (epochs > 0)
        ingest_note(g, "times are counts since 1970, their unit %s",
                    g->options.epoch != BT_EPOCH_AUTO
                        ? "as given"
                        : "by the size of all of them (--epoch overrides)");
    if (zoned > epochs)
        ingest_note(g, "times carry UTC offsets, which are applied");
}

static void note_prices(bt_ingest *g) {
    static const char *const words[] = {"", "nothing", "splits",
                                        "splits and dividends"};
    bool mixed = false, kept = false;
    const struct file *first = NULL, *scaled = NULL;
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        first = first || f->actions ? first : f;
        scaled = f->scaled && !scaled ? f : scaled;
        kept |= f->whole && !f->scaled;
        mixed |= !f->actions && first && f->adjusted != first->adjusted;
    }
    if (mixed)
        ingest_note(g, "prices of some files are adjusted for other things "
                       "than those of others (--adjusted overrides)");
    else if (first && first->adjusted != BT_ADJUSTED_UNKNOWN)
        ingest_note(g, "prices are adjusted for %s, as %s",
                    words[first->adjusted],
                    g->options.adjusted ? "given"
                                        : "the source has them (--adjusted "
                                          "overrides)");
    if (g->options.scale > 0)
        ingest_note(g, "prices are multiplied by %.10g, as given",
                    g->options.scale);
    if (scaled != NULL && g->written.where[0] == '\0')
        ingest_note(g,
                    "prices are whole numbers in all rows and divided by %d, "
                    "as %s writes them (--scale 1 overrides)",
                    scaled->format->divisor, scaled->format->title);
    else if (scaled != NULL)
        ingest_note(g,
                    "prices of %s%s are whole numbers in all rows and divided "
                    "by %d, as %s writes them (--scale overrides)",
                    scaled->path, g->scaled_files > 1 ? " and other files" : "",
                    scaled->format->divisor, scaled->format->title);
    if (g->written.where[0] != '\0')
        ingest_note(g,
                    "prices are taken as they are%s, since %s (%s) is written "
                    "out (--scale overrides)",
                    scaled ? " in the others" : "", g->written.value,
                    g->written.where);
    else if (kept)
        ingest_note(g, "whole prices are taken as they are, since those of the "
                       "bundle are written out (--scale overrides)");
}

/* The sign of numbers with commas. */
static void note_decimal(bt_ingest *g) {
    static const char *const words[] = {
        "", "commas in numbers group thousands",
        "commas in numbers are decimal, points group thousands"};
    const struct evidence *e =
        g->decimal == BT_DECIMAL_COMMA ? &g->comma : &g->point;
    if (g->options.decimal != BT_DECIMAL_AUTO)
        ingest_note(g, "%s, as given", words[g->options.decimal]);
    else if (g->decimal != BT_DECIMAL_AUTO)
        ingest_note(g, "%s, as %s (%s) shows (--decimal overrides)",
                    words[g->decimal], e->value, e->where);
}

static void note_symbols(bt_ingest *g) {
    const struct file *f = &g->files[0];
    while (f->actions)
        f++;
    const char *how = g->options.symbol != NULL ? "as given"
                      : f->symbol == NULL       ? "from a column"
                      : f->format != NULL && (f->format->quirks & QUIRK_WIDE)
                          ? "from the header"
                          : "from file names (--symbol overrides)";
    struct buf list;
    buf_init(&list);
    for (size_t i = 0; i < g->rows.count && i < 20; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", g->rows.list[i]->symbol);
    if (g->rows.count > 20)
        buf_str(&list, ", ...");
    ingest_note(g, "%zu symbol%s, %s: %s", g->rows.count,
                g->rows.count == 1 ? "" : "s", how, list.data);
    buf_fini(&list);
}

void ingest_note_input(bt_ingest *g) {
    note_shapes(g);
    note_dates(g);
    ingest_note_zones(g);
    note_decimal(g);
    note_prices(g);
    note_symbols(g);
}

/* ---- result -------------------------------------------------------------- */

static void note_bars(bt_ingest *g) {
    const char *text = bar_rule_text(&g->rule);
    if (g->options.frequency != NULL)
        ingest_note(g, "frequency %s, as given", g->frequency_text);
    else if (g->certainty == CERTAINTY_NONE)
        ingest_note(g, "frequency %s, since there are only dates",
                    g->frequency_text);
    else
        ingest_note(g,
                    "frequency %s, the distance of %.1f %% of the bars of %s "
                    "(--frequency overrides)",
                    g->frequency_text, 100 * g->share, g->frequency_symbol);
    bool open_end = g->frequency.unit != FREQUENCY_DAY || g->frequency.n > 1;
    ingest_note(g, "%s%s", text,
                !open_end                           ? ""
                : g->options.stamp != BT_STAMP_AUTO ? ", as given"
                                                    : " (--stamp overrides)");
    if (frequency_is_intraday(g->frequency))
        ingest_note_midnights(g);
    if (!frequency_is_intraday(g->frequency) &&
        g->marks.midnights < g->marks.rows)
        ingest_note(g, "the time of day beside the dates is left out");
}

static const char *plural(double n) {
    return n == 1 ? "" : "s";
}

static void note_rows(bt_ingest *g) {
    const bt_ingest_report *r = &g->report;
    if (r->unsorted > 0)
        ingest_note(g, "%.0f row%s earlier than the row before; sorted",
                    r->unsorted, plural(r->unsorted));
    if (r->duplicates > 0)
        ingest_note(g, "%.0f row%s that repeat%s another exactly; left out",
                    r->duplicates, plural(r->duplicates),
                    r->duplicates == 1 ? "s" : "");
    if (r->tolerated > 0)
        ingest_note(g,
                    "%.0f row%s with open or close beyond high or low by at "
                    "most 1e-6 of it; kept as they are",
                    r->tolerated, plural(r->tolerated));
    if (r->rejected > 0)
        ingest_note(g, "%.0f bad row%s left out (--skip-bad)", r->rejected,
                    plural(r->rejected));
    if (r->empty > 0)
        ingest_note(g, "%.0f row%s of a date without prices; left out",
                    r->empty, plural(r->empty));
    if (g->quiet > 0)
        ingest_note(g, "%.0f row%s with a volume that is not known, taken as 0",
                    g->quiet, plural(g->quiet));
    if (g->silent > 0)
        ingest_note(g,
                    "%.0f of %.0f bars have volume 0: orders are filled "
                    "there only without a volume limit",
                    g->silent, r->stored);
    for (size_t i = 0; i < g->rows.count; i++)
        if (g->rows.list[i]->total == 0)
            ingest_note(g, "%s has no good row and is left out",
                        g->rows.list[i]->symbol);
}

static void note_actions(bt_ingest *g) {
    size_t n = action_set_count(g->actions);
    if (n > 0)
        ingest_note(g, "%zu corporate action%s of these symbols", n,
                    n == 1 ? "" : "s");
    if (g->drops_splits || g->drops_dividends)
        ingest_note(g, "%s left out: prices are adjusted for them already",
                    !g->drops_dividends ? "splits"
                    : g->drops_splits   ? "splits and dividends"
                                        : "dividends");
}

static void note_jumps(bt_ingest *g) {
    int64_t kept = g->jumps.count < JUMP_KEPT ? g->jumps.count : JUMP_KEPT;
    for (int64_t i = 0; i < kept; i++) {
        const struct jump *j = &g->jumps.list[i];
        char day[DATE_TEXT];
        date_format(j->day, day);
        ingest_note(g,
                    "warning: %s %s: from %.10g to %.10g looks like an "
                    "unadjusted split; if it is one, splits.csv needs: "
                    "%s,%s,%.10g",
                    j->symbol, day, j->before, j->after, j->symbol, day,
                    j->ratio);
    }
    if (g->jumps.count > kept)
        ingest_note(g, "warning: %lld more jumps that look like splits",
                    (long long)(g->jumps.count - kept));
}

void ingest_note_result(bt_ingest *g) {
    const bt_ingest_report *r = &g->report;
    char first[DATE_TEXT], last[DATE_TEXT], empty[40] = "";
    const struct calendar *c = &g->calendar;
    date_format(c->session[0], first);
    date_format(c->session[c->rows - 1], last);
    note_bars(g);
    note_rows(g);
    note_actions(g);
    note_jumps(g);
    if (r->empty > 0)
        snprintf(empty, sizeof empty, " + %.0f empty", r->empty);
    ingest_note(g,
                "%.0f row%s = %.0f stored + %.0f repeated + %.0f bad%s; "
                "%d symbol%s at %.0f time%s, %s to %s",
                r->rows, plural(r->rows), r->stored, r->duplicates, r->rejected,
                empty, r->symbols, plural(r->symbols), r->calendar,
                plural(r->calendar), first, last);
}

void ingest_note_fields(bt_ingest *g) {
    for (size_t i = 0; i < g->own.count; i++) {
        const struct own_column *c = &g->own.columns[i];
        if (c->why != NULL)
            ingest_note(g, "column '%.40s' is left out: %s", c->title, c->why);
        else if (c->values == 0)
            ingest_note(g, "column '%.40s' is left out: it is empty", c->title);
        else
            ingest_note(g,
                        "column '%.40s' is the field %s, %.0f value%s, known "
                        "when the bar closes",
                        c->title, c->name, c->values, plural(c->values));
    }
}

/* ---- JSON ---------------------------------------------------------------- */

/* Bytes of the UTF-8 character at s, 0 when it is none. */
static size_t utf8_length(const unsigned char *s) {
    size_t n = s[0] < 0x80                   ? 1
               : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
               : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
               : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                             : 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool surrogate = s[0] == 0xed && s[1] >= 0xa0;
    bool overlong =
        (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    return surrogate || overlong || (s[0] == 0xf4 && s[1] >= 0x90) ? 0 : n;
}

void ingest_json_text(struct buf *b, const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    buf_chr(b, '"');
    while (*s != '\0') {
        size_t n = utf8_length(s);
        if (n == 0)
            buf_chr(b, '?');
        else if (*s == '"' || *s == '\\')
            buf_printf(b, "\\%c", *s);
        else if (*s < ' ')
            buf_printf(b, "\\u%04x", *s);
        else
            buf_add(b, s, n);
        s += n > 0 ? n : 1;
    }
    buf_chr(b, '"');
}

static void json_member(struct buf *b, const char *key, const char *text) {
    buf_printf(b, ",\"%s\":", key);
    ingest_json_text(b, text);
}

static void json_count(struct buf *b, const char *key, double v) {
    char text[NUM_TEXT];
    num_format(v, text);
    buf_printf(b, ",\"%s\":%s", key, text);
}

static const char *const adjusted_names[] = {"unknown", "none", "splits",
                                             "all"};

/* What was given on the command line, and how times were read. */
static void json_options(struct buf *b, const bt_ingest *g) {
    const bt_ingest_options *o = &g->options;
    const tz *zone = g->zone ? g->zone : g->base_zone;
    const char *const given[][2] = {
        {"format", o->format},   {"map", o->map},
        {"columns", o->columns}, {"tz", zone ? tz_name(zone) : NULL},
        {"symbol", o->symbol},   {"frequency", o->frequency},
    };
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i][1] != NULL)
            json_member(b, given[i][0], given[i][1]);
    if (o->scale > 0)
        json_count(b, "scale", o->scale);
    ingest_scale_json(g, b);
    json_member(b, "stamp", g->rule.stamp == BT_STAMP_CLOSE ? "close" : "open");
}

static void json_files(struct buf *b, const bt_ingest *g) {
    buf_str(b, ",\"files\":[");
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        buf_str(b, i ? ",{\"path\":" : "{\"path\":");
        ingest_json_text(b, f->path);
        json_member(b, "sha256", f->sha);
        if (f->format != NULL)
            json_member(b, "format", f->format->name);
        json_member(b, "adjusted", adjusted_names[f->adjusted]);
        json_count(b, "bytes", (double)f->bytes);
        json_count(b, "rows", f->rows);
        buf_chr(b, '}');
    }
    buf_chr(b, ']');
}

/* What the rows were appended to, and what is known of that. */
static void json_base(struct buf *b, const bt_ingest *g) {
    bt_bundle_info info;
    bt_bundle_get_info(g->base, &info);
    json_member(b, "appended_to", info.sha256);
    buf_printf(b, ",\"before\":%s", info.provenance);
}

char *ingest_provenance(const bt_ingest *g) {
    struct buf b;
    char now[DATE_TEXT];
    buf_init(&b);
    date_format_time(clock_wall_us() / 1000000 * 1000000, now);
    buf_str(&b, "{\"source\":\"csv\"");
    json_member(&b, "created", now);
    json_count(&b, "rows", g->report.rows);
    json_count(&b, "stored", g->report.stored);
    json_count(&b, "duplicates", g->report.duplicates);
    json_count(&b, "rejected", g->report.rejected);
    json_count(&b, "empty", g->report.empty);
    json_count(&b, "tolerated", g->report.tolerated);
    json_count(&b, "unsorted", g->report.unsorted);
    json_options(&b, g);
    if (g->base != NULL)
        json_base(&b, g);
    buf_str(&b, ",\"decisions\":[");
    for (size_t i = 0; i < g->notes.count; i++) {
        buf_str(&b, i ? "," : "");
        ingest_json_text(&b, g->notes.list[i]);
    }
    buf_str(&b, "],\"bad_rows\":[");
    for (int i = 0; i < g->rejects.kept; i++) {
        buf_str(&b, i ? "," : "");
        ingest_json_text(&b, g->rejects.list[i].text);
    }
    buf_chr(&b, ']');
    json_files(&b, g);
    buf_chr(&b, '}');
    return buf_take(&b);
}
