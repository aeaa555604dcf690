/* Of which zone the times of a file are.
 *
 * A time with an offset says it, and so does a count since 1970. For the others
 *
 *     --tz           as given
 *     the format     where its documents name one zone for all files
 *     the header     where it calls them time_utc or the like
 *     the bundle     of --append, whose rows the user gave a zone
 *
 * and nothing else: the same text is one bar in New York and another, hours
 * away, in Tokyo, and in the wrong one a strategy sees prices before they were.
 * So bars within a day of a zone that nobody has named are refused. Dates are
 * dates everywhere: bars of days and longer need no zone.
 */
#include "store/ingest.h"

#include "base/mem.h"
#include "base/status.h"
#include "store/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LEAN keeps what it knows of a kind of security, and of a market within it,
 * in folders of these names, each with a zone of its own (its documents, Data
 * Format); those of index and future depend on the symbol. Bars that lie
 * elsewhere are of equity. */
static const char *of_lean(const char *path, const char *equity) {
    static const char *const folders[][2] = {
        {"/crypto/", "UTC"},
        {"/cryptofuture/", "UTC"},
        {"/forex/oanda/", "UTC"},
        {"/cfd/oanda/", "UTC"},
        {"/forex/fxcm/", "UTC-5"},
        {"/forex/", "?"},
        {"/cfd/", "?"},
        {"/index/", "?America/Chicago"},
        {"/future/", "?America/Chicago"},
    };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *folder = folders[i][0];
        bool lies = strstr(path, folder) || strstr(path, folder + 1) == path;
        if (lies && strstr(path, "equity/") == NULL)
            return folders[i][1];
    }
    return equity;
}

/* As the format has it, see format_table.c; NULL, or "?" and those that are
 * likely: it has none. */
static const char *zone_of(const struct file *f) {
    const char *zone = f->format ? f->format->zone : NULL;
    bool is_lean = f->format && (f->format->quirks & QUIRK_SYMBOL_UP);
    return is_lean && zone ? of_lean(f->path, zone) : zone;
}

/* The zone that the format's documents name; NULL: they name none. */
static const char *of_format(const struct file *f) {
    const char *zone = zone_of(f);
    return zone != NULL && *zone != '?' ? zone : NULL;
}

/* That or the one that the header names. */
static const char *documented(const struct file *f) {
    const char *zone = of_format(f);
    return zone == NULL && f->utc ? "UTC" : zone;
}

/* Nothing of the file says of which zone its times are. */
static bool is_open(const struct file *f) {
    return !f->actions && !f->zoned && f->clocked && documented(f) == NULL;
}

/* The tz database has them without summer time, as those who write them for
 * New York or Denver do not expect. */
bt_status ingest_find_zone(const char *name, const tz **out) {
    static const char *const twofold[][3] = {
        {"EST", "UTC-5", "America/New_York"},
        {"MST", "UTC-7", "America/Denver"}};
    for (size_t i = 0; i < sizeof twofold / sizeof *twofold; i++)
        if (strcmp(name, twofold[i][0]) == 0)
            return fail(BT_E_USAGE,
                        "time zone '%s' is %s all year; say %s where that is "
                        "meant, or %s, which has summer time",
                        name, twofold[i][1], twofold[i][1], twofold[i][2]);
    return tz_find(name, out);
}

bt_status ingest_choose_zone(bt_ingest *g, const struct file *f) {
    struct parser *p = &g->parser;
    p->instants = f->zoned;
    p->zone = g->zone;
    if (g->zone == NULL && is_open(f))
        p->zone = g->base_zone;
    if (g->zone == NULL && !f->zoned && documented(f) != NULL)
        TRY(tz_find(documented(f), &p->zone));
    bool as_read = p->zone != NULL && strcmp(tz_name(p->zone), "UTC") == 0;
    if (!f->zoned && (!f->clocked || as_read))
        p->zone = NULL; /* dates are dates everywhere */
    return BT_OK;
}

/* The zone given for an ingest, as ingest_provenance wrote it: of the bundle,
 * else of what that was appended to. No text within the JSON can look like the
 * member, for a quote in a text has a backslash before it. */
bt_status ingest_base_zone(bt_ingest *g, const char *provenance) {
    static const char member[] = ",\"tz\":\"";
    const char *at = strstr(provenance, member);
    if (at == NULL)
        return BT_OK;
    at += strlen(member);
    char *name = mem_strndup(at, strcspn(at, "\""));
    bt_status s = tz_find(name, &g->base_zone);
    free(name);
    return s;
}

/* ---- a refusal ------------------------------------------------------------*/

/* The first time of a file, for people. */
struct first_time {
    const struct layout *layout;
    const struct cell *cells;
    uint32_t line;
    const struct csv *csv;
    char text[80];
};

static bt_status take_time(void *ctx, size_t count) {
    struct first_time *t = ctx;
    int date = t->layout->at[ROLE_DATE], clock = t->layout->at[ROLE_TIME];
    const struct cell *d = &t->cells[date], *c = &t->cells[clock];
    struct stamp stamp;
    if (t->line > 0 || (size_t)date >= count || clock >= (int)count ||
        stamp_parse(&t->layout->first, d->text, d->n, &stamp) != NULL)
        return BT_OK;
    t->line = t->csv->line;
    snprintf(t->text, sizeof t->text, "%.*s%s%.*s", d->n < 39 ? (int)d->n : 39,
             d->text, clock >= 0 ? " " : "",
             clock < 0   ? 0
             : c->n < 39 ? (int)c->n
                         : 39,
             clock >= 0 ? c->text : "");
    return BT_OK;
}

static bt_status find_time(bt_ingest *g, const struct file *f,
                           struct first_time *t) {
    TRY(ingest_open_file(g, f));
    t->layout = &g->layout;
    t->cells = g->parser.cells;
    t->csv = &g->csv;
    bt_status s =
        csv_each(&g->csv, g->layout.separator, g->parser.cells, take_time, t);
    ingest_close_file(g);
    return s;
}

/* "Europe/Athens, ": a zone that is likely of the file's source; the calendar's
 * is surer. */
static void suggest(const bt_ingest *g, const struct file *f, char out[96]) {
    const char *zone = zone_of(f), *likely = zone ? zone + 1 : "";
    const char *known = g->schedule ? schedule_zone(g->schedule) : "UTC";
    if (strcmp(known, "UTC") != 0)
        snprintf(out, 96, "%s (the calendar's), ", known);
    else
        snprintf(out, 96, "%s%s", likely, *likely ? ", " : "");
}

static bt_status refuse(bt_ingest *g, const struct file *f) {
    struct first_time t = {.line = 0};
    char zones[96];
    bool asks = zone_of(f) != NULL;
    TRY(find_time(g, f, &t));
    suggest(g, f, zones);
    const char *more =
        strstr(zones, "America/New_York") ? "" : "America/New_York, ";
    if (asks)
        return fail(BT_E_USAGE,
                    "%s:%u: %s carries no time zone, and times of %s are those "
                    "of a broker or an exchange; say --tz, such as --tz "
                    "%s%sUTC+2 or UTC",
                    f->path, t.line, t.text, f->format->title, zones, more);
    return fail(BT_E_USAGE,
                "%s:%u: %s carries no time zone, and nothing says of which it "
                "is; say --tz, such as --tz %s%sUTC+2 or UTC",
                f->path, t.line, t.text, zones, more);
}

bt_status ingest_check_zones(bt_ingest *g) {
    if (g->zone != NULL || g->base_zone != NULL)
        return BT_OK;
    for (size_t i = 0; i < g->file_count; i++)
        if (is_open(&g->files[i]))
            return refuse(g, &g->files[i]);
    return BT_OK;
}

/* ---- in words -------------------------------------------------------------*/

static bool any_open(const bt_ingest *g) {
    for (size_t i = 0; i < g->file_count; i++)
        if (is_open(&g->files[i]))
            return true;
    return false;
}

/* Is another file of its format and zone before it? */
static bool is_said(const bt_ingest *g, size_t i) {
    const struct file *f = &g->files[i], *other = g->files;
    for (; other < f; other++)
        if (other->format == f->format && documented(other) != NULL &&
            strcmp(documented(other), documented(f)) == 0)
            return true;
    return false;
}

static void note_documented(bt_ingest *g, const struct file *f) {
    if (of_format(f) == NULL)
        ingest_note(g,
                    "times of %s are of UTC, as its header says (--tz "
                    "overrides)",
                    f->path);
    else
        ingest_note(g, "times of %s are of %s (--tz overrides)",
                    f->format->title, of_format(f));
}

void ingest_note_zones(bt_ingest *g) {
    if (g->zone != NULL) {
        ingest_note(g, "times without UTC offset are of %s, as given",
                    tz_name(g->zone));
        return;
    }
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        if (!f->actions && !f->zoned && f->clocked && documented(f) != NULL &&
            !is_said(g, i))
            note_documented(g, f);
    }
    if (g->base_zone != NULL && any_open(g))
        ingest_note(g,
                    "times without UTC offset are of %s, as those of the "
                    "bundle were given (--tz overrides)",
                    tz_name(g->base_zone));
}

void ingest_note_midnights(bt_ingest *g) {
    bool any = false;
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        any |= !f->actions && f->rows > 0 && !f->zoned && !f->clocked;
    }
    if (any)
        ingest_note(g, "dates without a time of day are midnights of UTC");
}
