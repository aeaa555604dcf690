/* Studies and power cuts. What SQLite asks of the disk is written down; then,
 * for a cut before each of the last CUTS requests, the files are made as such a
 * cut may leave them: what was synced is there, of the rest nothing, all but
 * the end of the last write, or a draw. What was reported as saved must be. */
#include "study_fixture.h"

#include "base/buf.h"
#include "base/mem.h"

#include <sqlite3.h>

enum { TRIALS = 120, CUTS = 200, DRAWS = 4 };
enum file { DATABASE, JOURNAL, FILES };
enum kind { WRITE, TRUNCATE, SYNC };

struct request {
    enum file file;
    enum kind kind;
    int64_t at; /* of a write; size of a truncate */
    size_t n;
    char *bytes;
    int32_t saved; /* reported when it came */
};

static struct request *requests;
static size_t count, cap;
static int32_t saved;

static void note(enum file file, enum kind kind, int64_t at, const void *bytes,
                 size_t n) {
    requests = mem_grow(requests, count, &cap, sizeof *requests);
    struct request *r = &requests[count++];
    *r = (struct request){file, kind, at, n, NULL, saved};
    if (n > 0) {
        r->bytes = mem_alloc(n);
        memcpy(r->bytes, bytes, n);
    }
}

/* ---- SQLite's requests -----------------------------------------------------
 */

static sqlite3_vfs noting, *plain;
static sqlite3_io_methods methods[FILES];
static const sqlite3_io_methods *real[FILES];

static enum file file_of(const sqlite3_file *f) {
    return f->pMethods == &methods[JOURNAL] ? JOURNAL : DATABASE;
}

static int note_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
    note(file_of(f), WRITE, at, p, (size_t)n);
    return real[file_of(f)]->xWrite(f, p, n, at);
}

static int note_truncate(sqlite3_file *f, sqlite3_int64 n) {
    note(file_of(f), TRUNCATE, n, NULL, 0);
    return real[file_of(f)]->xTruncate(f, n);
}

static int note_sync(sqlite3_file *f, int flags) {
    note(file_of(f), SYNC, 0, NULL, 0);
    return real[file_of(f)]->xSync(f, flags);
}

static int note_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f,
                     int flags, int *out) {
    (void)vfs;
    int code = plain->xOpen(plain, name, f, flags, out);
    enum file i = flags & SQLITE_OPEN_MAIN_JOURNAL ? JOURNAL : DATABASE;
    if (code != SQLITE_OK)
        return code;
    real[i] = f->pMethods;
    methods[i] = *f->pMethods;
    methods[i].xWrite = note_write;
    methods[i].xTruncate = note_truncate;
    methods[i].xSync = note_sync;
    f->pMethods = &methods[i];
    return code;
}

static void write_study(void) {
    bt_study *s;
    plain = sqlite3_vfs_find(NULL);
    noting = *plain;
    noting.zName = "noting";
    noting.xOpen = note_open;
    sqlite3_vfs_register(&noting, 1);
    assert_int_equal(bt_study_create("whole", &s), BT_OK);
    for (int32_t n = 1; n <= TRIALS; n++) {
        add(s, n);
        assert_int_equal(study_commit(s, n % 5 == 0), BT_OK);
        saved = bt_study_saved(s);
    }
    bt_study_close(s);
    sqlite3_vfs_unregister(&noting);
    sqlite3_vfs_register(plain, 1);
}

/* ---- what a cut leaves -----------------------------------------------------
 */

static void apply(const struct request *r, size_t n, struct buf *file) {
    static const char zeros[65536];
    size_t end = (size_t)r->at + n;
    while (file->len < end)
        buf_add(file, zeros,
                end - file->len < sizeof zeros ? end - file->len
                                               : sizeof zeros);
    if (r->kind == WRITE)
        memcpy(file->data + r->at, r->bytes, n);
    else if (r->kind == TRUNCATE)
        file->len = (size_t)r->at;
}

static size_t last_sync(enum file file, size_t cut) {
    for (; cut > 0; cut--)
        if (requests[cut - 1].file == file && requests[cut - 1].kind == SYNC)
            break;
    return cut;
}

/* way 0: nothing of what was not synced; 1: all but the second half of the last
 * write; else a draw. */
static void make_file(enum file file, size_t cut, int way, struct rng *r,
                      struct buf *out) {
    size_t synced = last_sync(file, cut);
    for (size_t i = 0; i < cut; i++) {
        const struct request *q = &requests[i];
        size_t n = way == 1 && i + 1 == cut ? q->n / 2 : q->n;
        bool kept = i < synced || way == 1 || (way > 1 && rng_unit(r) < 0.5);
        if (q->file == file && kept && q->kind != SYNC)
            apply(q, n, out);
    }
}

static void put_file(const char *suffix, const struct buf *b) {
    char *path = mem_printf("%s/cut.study%s", bt_study_folder(), suffix);
    assert_int_equal(fs_write(path, b->data, b->len, 0600), BT_OK);
    free(path);
}

static void expect_integrity(void) {
    sqlite3 *db;
    sqlite3_stmt *q;
    char *path = mem_printf("%s/cut.study", bt_study_folder());
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &q, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(q, 0), "ok");
    sqlite3_finalize(q);
    sqlite3_close(db);
    free(path);
}

static void expect_saved(size_t cut, int way, int32_t least) {
    bt_study *s;
    bt_status status = bt_study_resume("cut", &s);
    if (status != BT_OK)
        fail_msg("cut %zu, way %d: %s", cut, way, bt_error_message());
    if (bt_study_count(s) < least)
        fail_msg("cut %zu, way %d: %d of %d trials", cut, way,
                 bt_study_count(s), least);
    expect_trials(s, 1, bt_study_count(s));
    bt_study_close(s);
    expect_integrity();
}

static void a_power_cut_loses_nothing_that_was_saved(void **state) {
    (void)state;
    struct rng r;
    rng_seed(&r, 1);
    write_study();
    assert_true(count > CUTS && requests[count - CUTS].saved > 0);
    for (size_t cut = count - CUTS; cut < count; cut++) {
        for (int way = 0; way < DRAWS; way++) {
            struct buf file[FILES];
            for (enum file f = DATABASE; f < FILES; f++) {
                buf_init(&file[f]);
                make_file(f, cut, way, &r, &file[f]);
            }
            put_file("", &file[DATABASE]);
            put_file("-journal", &file[JOURNAL]);
            buf_fini(&file[DATABASE]);
            buf_fini(&file[JOURNAL]);
            expect_saved(cut, way, requests[cut].saved);
        }
    }
    for (size_t i = 0; i < count; i++)
        free(requests[i].bytes);
    free(requests);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_cut_loses_nothing_that_was_saved),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
