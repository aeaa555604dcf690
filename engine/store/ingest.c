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
 * Invariant at the end: rows = stored + duplicates + rejected.
 */
#include "store/ingest.h"

#include "base/fs.h"
#include "base/interrupt.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
    if (o->dates < 0 || o->dates > BT_DATES_DMY || o->epoch < 0 ||
        o->epoch > BT_EPOCH_NS || o->stamp < 0 || o->stamp > BT_STAMP_CLOSE)
        return fail(BT_E_USAGE, "unknown value of dates, epoch or stamp");
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
}

bt_status bt_ingest_open(const bt_ingest_options *options, bt_ingest **out) {
    TRY(check_options(options));
    bt_ingest *g = mem_zalloc(1, sizeof *g);
    g->options = *options;
    g->options.bundle = copy(options->bundle ? options->bundle : "");
    g->options.symbol = copy(options->symbol);
    g->options.frequency = copy(options->frequency);
    g->options.folder = NULL;
    g->folder = options->folder ? mem_strdup(options->folder) : fs_bundles();
    g->order = options->dates;
    g->shapes = map_new();
    g->actions = action_set_new();
    g->stage = ingest_sniff;
    g->report.frequency = g->frequency_text;
    rejects_init(&g->rejects);
    calendar_init(&g->calendar);
    bt_status s = open_target(g);
    init_rows(g);
    if (s != BT_OK) {
        bt_ingest_close(g);
        return s;
    }
    *out = g;
    return BT_OK;
}

/* ---- input --------------------------------------------------------------- */

static bool ends_with(const char *s, size_t n, const char *suffix) {
    size_t k = strlen(suffix);
    return n > k && strncasecmp(s + n - k, suffix, k) == 0;
}

/* Length of a file name without .csv, .csv.gz and the like; its whole length
 * when it has none of them. */
static size_t stem(const char *name) {
    static const char *const suffixes[] = {".csv", ".txt", ".tsv"};
    size_t n = strlen(name), bare = n;
    if (ends_with(name, n, ".gz"))
        bare -= 3;
    for (size_t i = 0; i < 3; i++)
        if (ends_with(name, bare, suffixes[i]))
            return bare - 4;
    return n;
}

static bt_status add_file(bt_ingest *g, const char *path) {
    struct source *source;
    if (g->file_count >= ROWS_FILES - 1)
        return fail(BT_E_RANGE, "more than %d files", ROWS_FILES - 1);
    TRY(source_open(path, &source));
    const char *name = fs_base(path);
    g->files =
        mem_grow(g->files, g->file_count, &g->file_cap, sizeof *g->files);
    g->files[g->file_count++] =
        (struct file){.path = mem_strdup(path),
                      .symbol = mem_strndup(name, stem(name)),
                      .bytes = source_size(source)};
    g->report.bytes += (double)source_size(source);
    g->report.files++;
    source_close(source);
    return BT_OK;
}

static bt_status add_entry(bt_ingest *g, const char *folder, const char *name) {
    char *path = fs_join(folder, name);
    bt_status s = BT_OK;
    if (!fs_is_dir(path) && stem(name) < strlen(name))
        s = add_file(g, path);
    else
        ingest_note(g, "left out %s: %s", path,
                    fs_is_dir(path) ? "a folder"
                                    : "its name does not end in .csv, .txt "
                                      "or .tsv (or these with .gz)");
    free(path);
    return s;
}

static bt_status add_folder(bt_ingest *g, const char *path) {
    char **names;
    size_t count, before = g->file_count;
    TRY(fs_list(path, &names, &count));
    bt_status s = BT_OK;
    for (size_t i = 0; i < count; i++) {
        if (s == BT_OK)
            s = add_entry(g, path, names[i]);
        free(names[i]);
    }
    free(names);
    if (s == BT_OK && g->file_count == before)
        return fail(BT_E_DATA,
                    "no .csv, .txt or .tsv file (or these with .gz) in %s",
                    path);
    return s;
}

bt_status bt_ingest_add(bt_ingest *g, const char *path) {
    if (g->stage != ingest_sniff || g->at > 0)
        return fail(BT_E_STATE, "files are added before the first step");
    return fs_is_dir(path) ? add_folder(g, path) : add_file(g, path);
}

/* ---- steps --------------------------------------------------------------- */

void ingest_next(bt_ingest *g, int (*stage)(bt_ingest *)) {
    g->stage = stage;
    g->at = 0;
}

static bt_status one_step(bt_ingest *g) {
    if (interrupt_signal)
        return fail(BT_E_INTERRUPT, "stopped; no bundle was made");
    if (g->file_count == 0)
        return fail(BT_E_USAGE, "no file to ingest");
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

static void free_files(bt_ingest *g) {
    for (size_t i = 0; i < g->file_count; i++) {
        free(g->files[i].path);
        free(g->files[i].symbol);
        free(g->files[i].date_name);
    }
    free(g->files);
}

static void free_shapes(bt_ingest *g) {
    size_t it = 0;
    const char *key;
    void *value;
    while (map_next(g->shapes, &it, &key, &value))
        free(value);
    map_free(g->shapes);
}

void bt_ingest_close(bt_ingest *g) {
    if (g == NULL)
        return;
    ingest_close_file(g);
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
    free(g->folder);
    free(g);
}
