/* CSV files to a bundle, in stages that can be watched and stopped.
 *
 *     sniff       the header and first date of every file
 *     scan dates  only where 1/2/2012 can be two dates: all rows of those files
 *     read        every row, checked by itself, sorted by symbol and time
 *     spacing     how long bars are, and which end a date marks
 *     bars        open and close times, conflicts, the calendar
 *     write       columns, catalogue, the rename
 *
 * bt_ingest_step does some milliseconds of one stage. Nothing is decided on the
 * first row: forms of dates, units and frequencies are confirmed by all rows,
 * and where two readings remain the ingest stops and names the flag that
 * chooses. Memory holds one window of a file, the rows up to a budget (the rest
 * goes to disk), and the calendar.
 *
 * Invariant at the end: rows = stored + duplicates + rejected + empty.
 */
#include "store/ingest.h"
#include "store/schedule.h"

#include "base/fs.h"
#include "base/interrupt.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/append.h"
#include "store/bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *copy(const char *s) {
    return s ? mem_strdup(s) : NULL;
}

static bt_status check_options(const bt_ingest_options *o) {
    struct frequency f;
    if (o->frequency != NULL)
        TRY(frequency_parse(o->frequency, &f));
    if (o->symbol != NULL && (o->symbol[0] == '\0' || strlen(o->symbol) > 64))
        return fail(BT_E_USAGE, "symbol '%.80s': 1 to 64 bytes", o->symbol);
    if (!(o->memory_mb >= 0) || o->memory_mb > 1e6)
        return fail(BT_E_RANGE, "memory must be 0..1000000 MB, got %g",
                    o->memory_mb);
    if (!(o->scale >= 0) || o->scale > 1e12 ||
        (o->scale > 0 && o->scale < 1e-12))
        return fail(BT_E_RANGE, "scale must be 1e-12..1e12, got %g", o->scale);
    if (o->adjusted < 0 || o->adjusted > BT_ADJUSTED_ALL)
        return fail(BT_E_USAGE, "unknown value of adjusted");
    if (o->dates < 0 || o->dates > BT_DATES_DMY || o->epoch < 0 ||
        o->epoch > BT_EPOCH_NS || o->decimal < 0 ||
        o->decimal > BT_DECIMAL_COMMA || o->stamp < 0 ||
        o->stamp > BT_STAMP_CLOSE)
        return fail(BT_E_USAGE,
                    "unknown value of dates, epoch, decimal or stamp");
    return BT_OK;
}

static bt_status open_target(bt_ingest *g) {
    if (g->folder == NULL)
        return fail(BT_E_IO, "no folder for bundles: set BACKLUA_BUNDLES, or "
                             "$HOME, or make ./bundles");
    if (g->options.dry_run)
        return BT_OK;
    return writer_open(g->folder, g->options.bundle, &g->writer);
}

static void init_rows(bt_ingest *g) {
    double mb = g->options.memory_mb > 0 ? g->options.memory_mb : 256;
    const char *folder = g->writer ? writer_folder(g->writer) : g->folder;
    rows_init(&g->rows, folder != NULL && fs_is_dir(folder) ? folder : "/tmp",
              (size_t)(mb * (1 << 20)));
    own_init(&g->own, g->rows.folder, g->options.dry_run);
    g->calendar.folder = g->rows.folder;
}

/* The options that name something. */
static bt_status find_named(bt_ingest *g) {
    const bt_ingest_options *o = &g->options;
    if (o->format != NULL)
        TRY(format_find(o->format, &g->format));
    if (g->format != NULL && g->format->kind != FORMAT_BARS)
        return fail(BT_E_USAGE, "--format %s is no format of bars",
                    g->format->name);
    return o->zone != NULL ? ingest_find_zone(o->zone, &g->zone) : BT_OK;
}

/* The calendar of --calendar; that of the bundle which is appended to. */
static bt_status find_calendar(bt_ingest *g) {
    const char *name = g->options.calendar;
    const char *known = g->base ? bundle_calendar(g->base) : "union";
    char *text = NULL;
    TRY(schedule_load(name ? name : "union", &text));
    bool other = name && g->base && strcmp(text, known) != 0;
    if (name == NULL || strcmp(text, "union") == 0) {
        free(text);
        text = strcmp(known, "union") == 0 ? NULL : mem_strdup(known);
    }
    g->calendar.schedule = text;
    if (other)
        return fail(BT_E_USAGE,
                    "--calendar %s: bundle '%s' has another calendar, which "
                    "--append keeps; leave the flag out, or ingest anew",
                    name, g->options.bundle);
    if (text == NULL)
        return BT_OK;
    TRY(schedule_parse(text, false, &g->schedule));
    g->rule.schedule = g->schedule;
    return BT_OK;
}

bt_status bt_ingest_open(const bt_ingest_options *options, bt_ingest **out) {
    TRY(check_options(options));
    bt_ingest *g = mem_zalloc(1, sizeof *g);
    g->options = *options;
    g->options.bundle = copy(options->bundle ? options->bundle : "");
    g->options.symbol = copy(options->symbol);
    g->options.frequency = copy(options->frequency);
    g->options.format = copy(options->format);
    g->options.map = copy(options->map);
    g->options.columns = copy(options->columns);
    g->options.zone = copy(options->zone);
    g->options.assets = NULL;
    g->assets = copy(options->assets);
    g->options.calendar = copy(options->calendar);
    g->options.folder = NULL;
    g->folder = options->folder ? mem_strdup(options->folder) : fs_bundles();
    g->order = options->dates;
    g->shapes = map_new();
    g->actions = action_set_new();
    g->stage = ingest_sniff;
    g->report.frequency = g->frequency_text;
    rejects_init(&g->rejects);
    calendar_init(&g->calendar);
    bt_status s = find_named(g);
    if (s == BT_OK)
        s = open_target(g);
    if (s == BT_OK && options->append)
        s = append_open(g);
    if (s == BT_OK)
        s = find_calendar(g);
    init_rows(g);
    if (s != BT_OK) {
        bt_ingest_close(g);
        return s;
    }
    *out = g;
    return BT_OK;
}

/* ---- steps --------------------------------------------------------------- */

void ingest_stage(bt_ingest *g, int32_t stage, double to_pass) {
    g->report.stage = stage;
    g->report.passed = 0;
    g->report.to_pass = to_pass;
}

void ingest_next(bt_ingest *g, int (*stage)(bt_ingest *)) {
    g->stage = stage;
    g->at = 0;
}

static bt_status read_facts(bt_ingest *g) {
    TRY(facts_file_read(g->assets, &g->facts));
    ingest_note(g, "facts of assets from %s (--assets overrides)", g->assets);
    return BT_OK;
}

static bt_status one_step(bt_ingest *g) {
    if (interrupt_signal)
        return fail(BT_E_INTERRUPT, "stopped; no bundle was made");
    if (g->file_count == 0)
        return fail(BT_E_USAGE, "no file to ingest");
    if (g->assets != NULL && g->facts.path == NULL)
        TRY(read_facts(g));
    return g->stage(g);
}

int32_t bt_ingest_step(bt_ingest *g) {
    if (g->status != BT_OK)
        return BT_INGEST_FAILED;
    if (g->stage == NULL)
        return BT_INGEST_DONE;
    g->status = one_step(g);
    if (g->status != BT_OK) {
        ingest_close_file(g);
        writer_abandon(g->writer);
        g->writer = NULL;
        return BT_INGEST_FAILED;
    }
    return g->stage != NULL ? BT_INGEST_MORE : BT_INGEST_DONE;
}

bt_status bt_ingest_status(const bt_ingest *g) {
    return g->status;
}

const bt_ingest_report *bt_ingest_get_report(const bt_ingest *g) {
    return &g->report;
}

const char *bt_ingest_note(const bt_ingest *g, int32_t i) {
    return i >= 0 && (size_t)i < g->notes.count ? g->notes.list[i] : NULL;
}

const char *bt_ingest_bad_row(const bt_ingest *g, int32_t i) {
    return i >= 0 && i < g->rejects.kept ? g->rejects.list[i].text : NULL;
}

/* A spooled stream belongs to its archive, else to its first file. */
static void free_files(bt_ingest *g) {
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        if (f->fd >= 0 && f->entry == NULL && f->group == 0)
            close(f->fd);
        free(f->path);
        free(f->open_path);
        free(f->symbol);
        free(f->date_name);
    }
    for (size_t i = 0; i < g->archive_count; i++) {
        zip_free(g->archives[i].entries, g->archives[i].count);
        free(g->archives[i].path);
        if (g->archives[i].fd >= 0)
            close(g->archives[i].fd);
    }
    free(g->files);
    free(g->archives);
}

static void free_shapes(bt_ingest *g) {
    size_t it = 0;
    const char *key;
    void *value;
    while (map_next(g->shapes, &it, &key, &value))
        free(value);
    map_free(g->shapes);
}

static void close_walk(struct walk *w) {
    if (w->measuring)
        cursor_close(&w->cursor);
    if (w->counting || w->writing)
        bars_close(&w->bars);
}

void bt_ingest_close(bt_ingest *g) {
    if (g == NULL)
        return;
    ingest_close_file(g);
    close_walk(&g->walk);
    writer_abandon(g->writer);
    free_files(g);
    free_shapes(g);
    for (size_t i = 0; i < g->notes.count; i++)
        free(g->notes.list[i]);
    free(g->notes.list);
    rows_fini(&g->rows);
    rejects_fini(&g->rejects);
    action_set_free(g->actions);
    calendar_fini(&g->calendar);
    free((char *)g->options.bundle);
    free((char *)g->options.symbol);
    free((char *)g->options.frequency);
    free((char *)g->options.format);
    free((char *)g->options.map);
    free((char *)g->options.columns);
    free((char *)g->options.zone);
    own_fini(&g->own);
    facts_file_fini(&g->facts);
    append_close(g);
    free(g->assets);
    free((char *)g->options.calendar);
    schedule_free(g->schedule);
    free(g->folder);
    free(g);
}
