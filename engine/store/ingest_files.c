/* What there is to read: files, folders, archives, streams.
 *
 * A folder gives its files of bars in the order of their names; one that has
 * none gives those of its folders, so that trees as LEAN and zipline keep them
 * can be named at their root. A zip archive gives its entries. A stream is
 * written to an unlinked file first, since a file is looked at more than once.
 */
#include "store/ingest.h"
#include "store/scratch.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY = 1 << 18, DEPTH = 8 };
#define ASSETS "assets.csv"

/* ---- names ----------------------------------------------------------------
 */

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

/* The symbol of a file name: what stands before its ending, blanks around it
 * taken off as they are from the cells of a symbol column. */
static char *symbol_of(const char *name) {
    size_t end = stem(name), begin = 0;
    while (begin < end && name[begin] == ' ')
        begin++;
    while (end > begin && name[end - 1] == ' ')
        end--;
    return mem_strndup(name + begin, end - begin);
}

static bool is_table(const char *name) {
    return stem(name) < strlen(name);
}

static bool is_archive(const char *name) {
    return ends_with(name, strlen(name), ".zip");
}

/* The day that a name such as 20131007_spy_minute_trade begins with. */
static bt_time day_of(const char *name) {
    struct stamp_rules rules = {.form = STAMP_COMPACT, .zone = -1};
    struct stamp stamp;
    size_t n = strspn(name, "0123456789");
    if (n != 8 || name[8] != '_' ||
        stamp_parse(&rules, name, 8, &stamp) != NULL)
        return STAMP_NONE;
    return stamp.time;
}

static void upper(char *s) {
    for (; *s != '\0'; s++)
        *s = (char)toupper((unsigned char)*s);
}

/* LEAN: 20131007_spy_minute_trade, or SYMBOL/20131007_trade. */
static char *symbol_of_file(const struct file *f, const char *name) {
    const char *second = name + 9;
    size_t n = strcspn(second, "_.");
    if ((n == 5 && strncmp(second, "trade", 5) == 0) ||
        (n == 5 && strncmp(second, "quote", 5) == 0)) {
        char *folder = fs_dir(f->open_path);
        char *symbol = mem_strdup(fs_base(folder));
        free(folder);
        return symbol;
    }
    return mem_strndup(second, n);
}

/* BTCUSDT-1m-2024-01, DAT_ASCII_EURUSD_M1_201202. */
static char *cut_symbol(const char *symbol) {
    static const char *const heads[] = {"DAT_ASCII_", "DAT_MT_", "DAT_XLSX_"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(heads[i]);
        if (strncasecmp(symbol, heads[i], n) == 0)
            return mem_strndup(symbol + n, strcspn(symbol + n, "_"));
    }
    const char *dash = strchr(symbol, '-');
    bool dated = dash != NULL && isdigit((unsigned char)dash[1]);
    return mem_strndup(symbol,
                       dated ? (size_t)(dash - symbol) : strlen(symbol));
}

void ingest_name_file(struct file *f) {
    unsigned quirks = f->format ? f->format->quirks : 0;
    if (f->symbol == NULL)
        return;
    char *old = f->symbol, *symbol = NULL;
    if ((quirks & QUIRK_SYMBOL_UP) && f->day != STAMP_NONE)
        symbol = symbol_of_file(f, fs_base(f->path));
    else if (quirks & QUIRK_SYMBOL_CUT)
        symbol = cut_symbol(old);
    if (symbol != NULL) {
        free(old);
        f->symbol = symbol;
    }
    if (quirks & QUIRK_SYMBOL_UP)
        upper(f->symbol);
}

/* ---- files ----------------------------------------------------------------
 */

static bt_status new_file(bt_ingest *g, const struct origin *from,
                          const char *sha) {
    struct source *source;
    if (g->file_count >= ROWS_FILES - 1)
        return fail(BT_E_RANGE, "more than %d files", ROWS_FILES - 1);
    TRY(source_open(from, &source));
    g->files =
        mem_grow(g->files, g->file_count, &g->file_cap, sizeof *g->files);
    struct file *f = &g->files[g->file_count++];
    *f = (struct file){.open_path = mem_strdup(from->path),
                       .fd = from->fd,
                       .entry = from->entry,
                       .bytes = source_size(source),
                       .inner = sha != NULL};
    f->path = from->entry ? mem_printf("%s/%s", from->path, from->entry->name)
                          : mem_strdup(from->path);
    const char *name = fs_base(f->path);
    f->symbol = symbol_of(name);
    f->day = day_of(name);
    if (sha != NULL)
        memcpy(f->sha, sha, sizeof f->sha);
    g->report.bytes += (double)f->bytes;
    g->report.files++;
    source_close(source);
    return BT_OK;
}

void ingest_add_group(bt_ingest *g, size_t like, int group) {
    g->files =
        mem_grow(g->files, g->file_count, &g->file_cap, sizeof *g->files);
    const struct file *f = &g->files[like];
    g->files[g->file_count++] =
        (struct file){.path = mem_strdup(f->path),
                      .open_path = mem_strdup(f->open_path),
                      .fd = f->fd,
                      .entry = f->entry,
                      .symbol = mem_strdup(""),
                      .day = f->day,
                      .group = group,
                      .bytes = f->bytes};
    g->report.bytes += (double)f->bytes;
}

static void leave_out(bt_ingest *g, const char *path, const char *why) {
    ingest_note(g, "left out %s: %s", path, why);
}

static bt_status add_archive(bt_ingest *g, const struct origin *from) {
    char sha[65];
    size_t before = g->file_count;
    g->archives = mem_grow(g->archives, g->archive_count, &g->archive_cap,
                           sizeof *g->archives);
    struct archive *a = &g->archives[g->archive_count];
    *a = (struct archive){.path = mem_strdup(from->path), .fd = from->fd};
    g->archive_count++;
    TRY(source_entries(from, &a->entries, &a->count, sha));
    for (size_t i = 0; i < a->count; i++) {
        struct origin entry = {from->path, from->fd, &a->entries[i]};
        const char *name = fs_base(a->entries[i].name);
        size_t n = strlen(name);
        if (is_table(name) && !ends_with(name, n, ".gz"))
            TRY(new_file(g, &entry, sha));
        else if (a->count < 100) {
            char *path = mem_printf("%s/%s", from->path, a->entries[i].name);
            leave_out(g, path, "its name does not end in .csv, .txt or .tsv");
            free(path);
        }
    }
    if (g->file_count == before)
        return fail(BT_E_DATA, "no .csv, .txt or .tsv file in %s", from->path);
    return BT_OK;
}

static bt_status add_any(bt_ingest *g, const struct origin *from) {
    bool zip;
    TRY(source_is_zip(from, &zip));
    return zip ? add_archive(g, from) : new_file(g, from, NULL);
}

static bt_status add_file(bt_ingest *g, const char *path) {
    return add_any(g, &(struct origin){path, -1, NULL});
}

/* ---- streams --------------------------------------------------------------
 */

static int open_spool(const char *folder) {
    int fd = scratch_file(folder);
    return fd;
}

static bt_status write_all(int fd, const char *s, size_t n) {
    while (n > 0) {
        ssize_t k = write(fd, s, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return fail_errno("cannot write a temporary file");
        s += k;
        n -= (size_t)k;
    }
    return BT_OK;
}

static bt_status copy_stream(int from, const char *path, int to) {
    char *bytes = mem_alloc(COPY);
    bt_status s = BT_OK;
    ssize_t n = 1;
    while (s == BT_OK && n != 0) {
        n = read(from, bytes, COPY);
        if (n > 0)
            s = write_all(to, bytes, (size_t)n);
        else if (n < 0 && errno != EINTR)
            s = fail_errno("cannot read %s", path);
    }
    free(bytes);
    return s;
}

/* path: for messages. The spool's descriptor belongs to a file afterwards. */
static bt_status add_stream(bt_ingest *g, int from, const char *path) {
    int fd = open_spool(g->rows.folder);
    if (fd < 0)
        return fail_errno("cannot make a temporary file in %s", g->rows.folder);
    bt_status s = copy_stream(from, path, fd);
    size_t archives = g->archive_count, files = g->file_count;
    if (s == BT_OK)
        s = add_any(g, &(struct origin){path, fd, NULL});
    if (g->archive_count == archives && g->file_count == files)
        close(fd);
    return s;
}

/* ---- folders --------------------------------------------------------------
 */

static bt_status add_folder(bt_ingest *g, const char *path, int depth);

/* Facts of assets, not bars; the first one found, unless one was named. */
static void take_assets(bt_ingest *g, const char *path) {
    if (g->assets == NULL)
        g->assets = mem_strdup(path);
}

/* assets.csv beside a file of bars. */
static void find_assets(bt_ingest *g, const char *path) {
    char *folder = fs_dir(path), *beside = fs_join(folder, ASSETS);
    if (fs_exists(beside))
        take_assets(g, beside);
    free(beside);
    free(folder);
}

static bt_status add_entry(bt_ingest *g, const char *folder, const char *name,
                           bool *folders) {
    char *path = fs_join(folder, name);
    bt_status s = BT_OK;
    bool is_dir = fs_is_dir(path);
    if (is_dir)
        *folders = true;
    else if (strcmp(name, ASSETS) == 0)
        take_assets(g, path);
    else if (is_table(name) || is_archive(name))
        s = add_file(g, path);
    else
        leave_out(g, path,
                  "its name does not end in .csv, .txt or .tsv (or these with "
                  ".gz) or .zip");
    free(path);
    return s;
}

/* Names of folders that hold the same bars at another length. */
bool ingest_is_resolution(const char *name) {
    static const char *const names[] = {"daily", "hour", "minute", "second",
                                        "tick"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static bt_status check_resolutions(const char *path, char *const *names,
                                   size_t count) {
    const char *first = NULL;
    for (size_t i = 0; i < count; i++) {
        char *child = fs_join(path, names[i]);
        bool counts = ingest_is_resolution(names[i]) && fs_is_dir(child);
        free(child);
        if (counts && first != NULL)
            return fail(BT_E_USAGE,
                        "%s holds %s and %s; a bundle holds one frequency, so "
                        "name one: %s/%s",
                        path, first, names[i], path, first);
        first = counts ? names[i] : first;
    }
    return BT_OK;
}

static bt_status add_below(bt_ingest *g, const char *path, char *const *names,
                           size_t count, bool descend, int depth) {
    for (size_t i = 0; i < count; i++) {
        char *child = fs_join(path, names[i]);
        bt_status s = BT_OK;
        if (fs_is_dir(child) && descend)
            s = add_folder(g, child, depth + 1);
        else if (fs_is_dir(child))
            leave_out(g, child, "a folder");
        free(child);
        TRY(s);
    }
    return BT_OK;
}

static bt_status add_names(bt_ingest *g, const char *path, char *const *names,
                           size_t count, int depth) {
    size_t before = g->file_count;
    bool folders = false;
    for (size_t i = 0; i < count; i++)
        TRY(add_entry(g, path, names[i], &folders));
    bool descend = g->file_count == before && depth < DEPTH;
    if (descend)
        TRY(check_resolutions(path, names, count));
    if (folders)
        TRY(add_below(g, path, names, count, descend, depth));
    return BT_OK;
}

static bt_status add_folder(bt_ingest *g, const char *path, int depth) {
    char **names;
    size_t count, before = g->file_count;
    TRY(fs_list(path, &names, &count));
    bt_status s = add_names(g, path, names, count, depth);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    TRY(s);
    if (depth == 0 && g->file_count == before)
        return fail(BT_E_DATA,
                    "no .csv, .txt or .tsv file (or these with .gz) and no "
                    ".zip in %s",
                    path);
    return BT_OK;
}

/* ---- the way in ------------------------------------------------------------
 */

bt_status bt_ingest_add(bt_ingest *g, const char *path) {
    struct stat st;
    if (g->stage != ingest_sniff || g->at > 0)
        return fail(BT_E_STATE, "files are added before the first step");
    if (strcmp(path, "-") == 0)
        return add_stream(g, STDIN_FILENO, "standard input");
    if (fs_is_dir(path))
        return add_folder(g, path, 0);
    if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return fail_errno("cannot open %s", path);
        bt_status s = add_stream(g, fd, path);
        close(fd);
        return s;
    }
    if (strcmp(fs_base(path), ASSETS) == 0) {
        take_assets(g, path);
        return BT_OK;
    }
    find_assets(g, path);
    return add_file(g, path);
}
