/* A bundle appears whole or not at all.
 *
 * Everything is written into a hidden folder beside the target. A first version
 * is that folder renamed. A later version moves its column files, which are
 * named by their content and so never collide with other bytes, into the
 * bundle, copies the old catalogue aside (version.c) and then renames the new
 * one over it: that rename is the instant of change. Column files stay, for the
 * versions before and for those who are opening one; see clean.c.
 *
 * The hidden folder is held with flock while its owner lives. Whoever starts
 * next removes the folders whose lock is free: their owners are dead.
 */
#include "store/writer.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/catalogue.h"
#include "store/colfile.h"
#include "store/field.h"
#include "store/fieldfile.h"
#include "store/schema.h"
#include "store/version.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HIDDEN ".ingest-"

/* A field being written. */
struct own_field {
    char *name;
    struct fieldfile *file;
};

struct writer {
    char *folder, *target, *work, *frequency;
    int lock;              /* descriptor of the hidden folder */
    char sha[DIGEST_TEXT]; /* of the content, at the commit */
    struct catalogue cat;
    struct catalogue_asset *assets;
    size_t cap;
    struct map *symbols;
    struct colfile *file;  /* of the asset being written */
    struct own_field *own; /* fields */
    struct catalogue_field *fields;
    size_t own_count, own_cap;
    int64_t next_row;
};

bt_status writer_check_name(const char *name) {
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    if (n == 0 || n > 100 || name[n] != '\0' || name[0] == '.' ||
        name[0] == '-')
        return fail(BT_E_USAGE,
                    "bundle name '%.120s': use 1 to 100 letters, digits, "
                    "'.', '_' or '-', beginning with a letter or digit",
                    name);
    return BT_OK;
}

/* The target may be free, a bundle, or an empty folder. */
static bt_status check_target(const char *target) {
    if (!fs_exists(target))
        return BT_OK;
    char *catalogue = fs_join(target, SCHEMA_CATALOGUE);
    bool bundle = fs_exists(catalogue);
    free(catalogue);
    if (bundle || (fs_is_dir(target) && rmdir(target) == 0))
        return BT_OK;
    return fail(BT_E_USAGE,
                "%s exists and is not a bundle; choose another name or move "
                "it away",
                target);
}

/* Hidden folders of processes that died. Best effort: a failure here is no
 * reason not to ingest. */
static void remove_leftovers(const char *folder) {
    DIR *dir = opendir(folder);
    struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (e->d_name[0] != '.' || strstr(e->d_name, HIDDEN) == NULL)
            continue;
        char *path = fs_join(folder, e->d_name);
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            (void)fs_remove_tree(path);
        if (fd >= 0)
            close(fd);
        free(path);
    }
    if (dir != NULL)
        closedir(dir);
}

/* Lock the hidden folder. False when a process that takes it for a leftover was
 * faster: it is being removed. */
static bool lock_work(struct writer *w) {
    struct stat held, named;
    w->lock = open(w->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->lock >= 0 && flock(w->lock, LOCK_EX | LOCK_NB) == 0 &&
        fstat(w->lock, &held) == 0 && stat(w->work, &named) == 0 &&
        held.st_ino == named.st_ino)
        return true;
    if (w->lock >= 0)
        close(w->lock);
    w->lock = -1;
    return false;
}

static bt_status make_work(struct writer *w, const char *name) {
    for (int attempt = 0; attempt < 100; attempt++) {
        free(w->work);
        w->work = mem_printf("%s/.%s" HIDDEN "XXXXXX", w->folder, name);
        if (mkdtemp(w->work) == NULL) {
            bt_status s = fail_errno("cannot make a folder in %s", w->folder);
            free(w->work);
            w->work = NULL;
            return s;
        }
        if (lock_work(w))
            return BT_OK;
    }
    return fail(BT_E_IO,
                "cannot lock a folder in %s: does its file system know "
                "flock?",
                w->folder);
}

static bt_status start(struct writer *w, const char *name) {
    TRY(writer_check_name(name));
    TRY(fs_mkdirs(w->folder));
    TRY(check_target(w->target));
    remove_leftovers(w->folder);
    return make_work(w, name);
}

bt_status writer_open(const char *folder, const char *name,
                      struct writer **out) {
    struct writer *w = mem_zalloc(1, sizeof *w);
    w->lock = -1;
    w->symbols = map_new();
    w->folder = mem_strdup(folder);
    w->target = fs_join(folder, name);
    bt_status s = start(w, name);
    if (s != BT_OK) {
        writer_abandon(w);
        return s;
    }
    *out = w;
    return BT_OK;
}

const char *writer_folder(const struct writer *w) {
    return w->work;
}

static void release_writer(struct writer *w) {
    for (size_t i = 0; i < w->cat.count; i++) {
        free(w->assets[i].symbol);
        fact_list_fini(&w->assets[i].facts);
    }
    free(w->assets);
    actions_fini(&w->cat.actions);
    for (size_t i = 0; i < w->own_count; i++) {
        fieldfile_abandon(w->own[i].file);
        free(w->own[i].name);
    }
    free(w->own);
    free(w->fields);
    map_free(w->symbols);
    if (w->lock >= 0)
        close(w->lock);
    free(w->folder);
    free(w->target);
    free(w->work);
    free(w->frequency);
    free(w);
}

void writer_abandon(struct writer *w) {
    if (w == NULL)
        return;
    colfile_abandon(w->file);
    if (w->work != NULL)
        (void)fs_remove_tree(w->work);
    release_writer(w);
}

/* A column of the calendar, in pieces: it may be larger than memory. */
static bt_status write_room(struct writer *w, int column,
                            const struct scratch *room, size_t bytes) {
    enum { STEP = 2 << 20 };
    for (size_t at = 0; at < bytes; at += STEP) {
        size_t n = bytes - at < STEP ? bytes - at : STEP;
        struct iovec piece = {(char *)room->data + at, n};
        TRY(colfile_pass(w->file, column, &piece, 1));
        scratch_rest(room);
    }
    return BT_OK;
}

bt_status writer_calendar(struct writer *w, const char *frequency,
                          const struct calendar *c) {
    static const size_t sizes[] = {8, 8, 4};
    if (c->rows == 0)
        return fail(BT_E_DATA, "no bars to store");
    w->cat.calendar = c;
    w->frequency = mem_strdup(frequency);
    w->cat.frequency = w->frequency;
    TRY(colfile_open(w->work, sizes, 3, c->rows, &w->file));
    for (int i = 0; i < 3; i++) {
        w->cat.calendar_offset[i] = colfile_offset(w->file, i);
        TRY(write_room(w, i, &c->room[i], (size_t)c->rows * sizes[i]));
    }
    struct colfile *f = w->file;
    w->file = NULL;
    return colfile_close(f, &w->cat.calendar_file);
}

static bt_status check_new_symbol(const struct writer *w, const char *symbol) {
    size_t n = strlen(symbol);
    if (n == 0 || n > 64)
        return fail(BT_E_RANGE, "symbol '%.80s': 1 to 64 bytes, got %zu",
                    symbol, n);
    if (map_get(w->symbols, symbol) != NULL)
        return fail(BT_E_USAGE, "symbol %s twice", symbol);
    return BT_OK;
}

bt_status writer_asset(struct writer *w, const char *symbol) {
    static const size_t sizes[SCHEMA_FIELDS] = {8, 8, 8, 8, 8};
    TRY(check_new_symbol(w, symbol));
    int64_t rows = w->cat.calendar->rows;
    TRY(colfile_open(w->work, sizes, SCHEMA_FIELDS, rows, &w->file));
    for (int i = 0; i < SCHEMA_FIELDS; i++)
        w->cat.series_offset[i] = colfile_offset(w->file, i);
    w->assets = mem_grow(w->assets, w->cat.count, &w->cap, sizeof *w->assets);
    w->assets[w->cat.count] = (struct catalogue_asset){
        .symbol = mem_strdup(symbol), .first_row = -1, .last_row = -1};
    w->cat.assets = w->assets;
    map_put(w->symbols, symbol, (void *)(uintptr_t)++w->cat.count);
    w->next_row = 0;
    return BT_OK;
}

/* Rows without a bar, up to row. */
static bt_status fill_gap(struct writer *w, int64_t row) {
    static const double none[SCHEMA_FIELDS] = {NAN, NAN, NAN, NAN, 0};
    return colfile_rows(w->file, none, row - w->next_row);
}

bt_status writer_bar(struct writer *w, int64_t row, const double v[5]) {
    struct catalogue_asset *a = &w->assets[w->cat.count - 1];
    if (row < w->next_row || row >= w->cat.calendar->rows)
        return fail(BT_E_RANGE, "bar of %s at row %lld, expected %lld..%lld",
                    a->symbol, (long long)row, (long long)w->next_row,
                    (long long)w->cat.calendar->rows - 1);
    if (row > w->next_row)
        TRY(fill_gap(w, row));
    TRY(colfile_row(w->file, v));
    w->next_row = row + 1;
    a->first_row = a->bars == 0 ? (int32_t)row : a->first_row;
    a->last_row = (int32_t)row;
    a->bars++;
    return BT_OK;
}

bt_status writer_column(struct writer *w, int field, const struct iovec *pieces,
                        int n) {
    struct catalogue_asset *a = &w->assets[w->cat.count - 1];
    w->next_row = w->cat.calendar->rows;
    a->bars = w->next_row;
    a->first_row = 0;
    a->last_row = (int32_t)w->next_row - 1;
    return colfile_pass(w->file, field, pieces, n);
}

bt_status writer_asset_end(struct writer *w) {
    struct catalogue_asset *a = &w->assets[w->cat.count - 1];
    if (a->bars == 0)
        return fail(BT_E_DATA, "%s has no bar", a->symbol);
    TRY(fill_gap(w, w->cat.calendar->rows));
    struct colfile *f = w->file;
    w->file = NULL;
    return colfile_close(f, &a->file);
}

bt_status writer_actions(struct writer *w, const struct action_set *s) {
    size_t n = w->cat.count;
    const char **symbols = mem_alloc((n + 1) * sizeof *symbols);
    for (size_t i = 0; i < n; i++)
        symbols[i] = w->assets[i].symbol;
    bt_status bad =
        actions_resolve(s, symbols, n, w->cat.calendar, &w->cat.actions);
    free((void *)symbols);
    return bad;
}

int64_t writer_find(const struct writer *w, const char *symbol) {
    return (int64_t)(uintptr_t)map_get(w->symbols, symbol) - 1;
}

bt_status writer_fact(struct writer *w, size_t sid, const char *what,
                      const char *name, const char *value) {
    return fact_list_put(&w->assets[sid].facts, what, name, value);
}

bt_status writer_field(struct writer *w, const char *name, double **cells,
                       int64_t *stride) {
    struct fieldfile *file;
    TRY(field_check_name(name));
    if (w->own_count >= SCHEMA_OWN_MAX)
        return fail(BT_E_RANGE, "field %s: a bundle has at most %d of its own",
                    name, SCHEMA_OWN_MAX);
    *stride = schema_stride(w->cat.calendar->rows);
    for (size_t i = 0; i < w->own_count; i++)
        if (strcmp(w->own[i].name, name) == 0) {
            *cells = fieldfile_cells(w->own[i].file);
            return BT_OK;
        }
    TRY(fieldfile_open(w->work, (int)w->own_count, (int64_t)w->cat.count,
                       w->cat.calendar->rows, &file));
    w->own = mem_grow(w->own, w->own_count, &w->own_cap, sizeof *w->own);
    w->own[w->own_count++] = (struct own_field){mem_strdup(name), file};
    *cells = fieldfile_cells(file);
    return BT_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct own_field *)a)->name,
                  ((const struct own_field *)b)->name);
}

static bt_status finish_fields(struct writer *w) {
    size_t n = w->own_count;
    if (n == 0)
        return BT_OK;
    qsort(w->own, n, sizeof *w->own, by_name);
    w->fields = mem_zalloc(n, sizeof *w->fields);
    for (size_t i = 0; i < n; i++) {
        struct fieldfile *f = w->own[i].file;
        w->own[i].file = NULL;
        w->fields[i].name = w->own[i].name;
        TRY(fieldfile_close(f, &w->fields[i].file));
    }
    w->cat.fields = w->fields;
    w->cat.field_count = n;
    return BT_OK;
}

static bt_status write_catalogue(struct writer *w) {
    struct buf bytes;
    buf_init(&bytes);
    char *path = fs_join(w->work, SCHEMA_CATALOGUE);
    bt_status s = catalogue_bytes(&w->cat, &bytes);
    if (s == BT_OK)
        s = fs_write(path, bytes.data, bytes.len, 0400);
    free(path);
    buf_fini(&bytes);
    return s;
}

static bt_status sync_files(struct writer *w) {
    TRY(colfile_sync(w->work, w->cat.calendar_file.name));
    for (size_t i = 0; i < w->cat.count; i++)
        TRY(colfile_sync(w->work, w->assets[i].file.name));
    for (size_t i = 0; i < w->cat.field_count; i++)
        TRY(colfile_sync(w->work, w->fields[i].file.name));
    return fs_sync_dir(w->work);
}

static bt_status move(struct writer *w, const char *name) {
    char *from = fs_join(w->work, name), *to = fs_join(w->target, name);
    bool shared =
        !fs_exists(from) && fs_exists(to); /* moved for another asset */
    bt_status s = BT_OK;
    if (!shared && rename(from, to) != 0)
        s = fail_errno("cannot write %s", to);
    free(from);
    free(to);
    return s;
}

static bt_status move_all(struct writer *w) {
    TRY(move(w, w->cat.calendar_file.name));
    for (size_t i = 0; i < w->cat.count; i++)
        TRY(move(w, w->assets[i].file.name));
    for (size_t i = 0; i < w->cat.field_count; i++)
        TRY(move(w, w->fields[i].file.name));
    TRY(version_keep(w->target, w->sha));
    TRY(fs_sync_dir(w->target));
    TRY(move(w, SCHEMA_CATALOGUE));
    return fs_sync_dir(w->target);
}

/* Lock the target's folder. -1: it is gone, a removal came first. */
static bt_status lock_target(const struct writer *w, int *out) {
    struct stat held, named;
    int fd = open(w->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *out = -1;
    if (fd < 0)
        return errno == ENOENT ? BT_OK
                               : fail_errno("cannot open %s", w->target);
    if (flock(fd, LOCK_EX) != 0) {
        close(fd);
        return fail_errno("cannot lock %s", w->target);
    }
    if (fstat(fd, &held) == 0 && stat(w->target, &named) == 0 &&
        held.st_ino == named.st_ino && held.st_dev == named.st_dev)
        *out = fd;
    else
        close(fd);
    return BT_OK;
}

static bt_status replace(struct writer *w, bool *replaced) {
    int fd;
    TRY(lock_target(w, &fd));
    if (fd < 0)
        return BT_OK;
    bt_status s = move_all(w);
    if (s == BT_OK)
        version_settle(w->target, w->sha);
    close(fd);
    *replaced = s == BT_OK;
    return s;
}

static bt_status publish(struct writer *w) {
    for (bool replaced = false; !replaced;) {
        if (rename(w->work, w->target) == 0) {
            free(w->work);
            w->work = NULL;
            return fs_sync_dir(w->folder);
        }
        if (errno != EEXIST && errno != ENOTEMPTY)
            return fail_errno("cannot make %s", w->target);
        TRY(replace(w, &replaced));
    }
    return BT_OK;
}

static bt_status commit_writer(struct writer *w) {
    uint8_t sha[DIGEST_BYTES];
    TRY(finish_fields(w));
    TRY(write_catalogue(w));
    TRY(sync_files(w));
    catalogue_content(&w->cat, sha);
    digest_hex(sha, w->sha);
    return publish(w);
}

bt_status writer_commit(struct writer *w, const char *provenance,
                        double skipped_rows, char *sha) {
    w->cat.provenance = provenance;
    w->cat.skipped_rows = skipped_rows;
    bt_status s = commit_writer(w);
    if (s == BT_OK)
        memcpy(sha, w->sha, sizeof w->sha);
    writer_abandon(w); /* what is left of the hidden folder */
    return s;
}
