/* A bundle's folder holds its current version and those before it.
 *
 *     bundle.sqlite                      the current one
 *     1795368311123456-<64 hex>.sqlite   one before it: when it was made
 *                                        (microseconds), its content hash
 *
 * Column files are named by their content, so versions share those that did not
 * change, and a version is nothing but its catalogue. It is copied aside before
 * a new one takes its place: whoever is killed in between leaves the current
 * version under two names, which counts once. What is forgotten is forgotten by
 * clean.c.
 *
 * A pin is the start of a content hash. It is looked up in the names of the
 * files, so it costs a look into the folder, and into the current catalogue.
 */
#include "store/version.h"

#include "base/date.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/manifest.h"
#include "store/schema.h"
#include "store/verified.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT_SUFFIX ".sqlite"
enum { SHA_DIGITS = 64, SHOWN = 12 };

static const char hex_digits[] = "0123456789abcdef";

/* "1795368311123456-<sha>.sqlite" taken apart. */
static bool parse_name(const char *file, struct version *out) {
    const char *dash = strchr(file, '-');
    int64_t made;
    if (dash == NULL || !num_parse_int(file, (size_t)(dash - file), &made) ||
        strspn(dash + 1, hex_digits) != SHA_DIGITS ||
        strcmp(dash + 1 + SHA_DIGITS, KEPT_SUFFIX) != 0)
        return false;
    *out = (struct version){.made = made};
    memcpy(out->sha, dash + 1, SHA_DIGITS);
    return true;
}

bool version_is_whole(const char *pin) {
    return strspn(pin, hex_digits) == SHA_DIGITS && pin[SHA_DIGITS] == '\0';
}

bool version_is_kept(const char *file) {
    struct version v;
    return parse_name(file, &v);
}

/* ---- reading --------------------------------------------------------------*/

void versions_fini(struct versions *v) {
    for (size_t i = 0; i < v->count; i++)
        free(v->list[i].file);
    free(v->list);
    *v = (struct versions){0};
}

/* A version that comes again is the later one. */
static void add(struct versions *v, const struct version *x, const char *file) {
    for (size_t i = 0; i < v->count; i++) {
        if (strcmp(v->list[i].sha, x->sha) != 0)
            continue;
        free(v->list[i].file);
        memmove(&v->list[i], &v->list[i + 1],
                (--v->count - i) * sizeof *v->list);
        break;
    }
    v->list = mem_grow(v->list, v->count, &v->cap, sizeof *v->list);
    v->list[v->count] = *x;
    v->list[v->count++].file = mem_strdup(file);
}

/* The catalogue was read between these two stamps, and is known to be whole. */
static bool is_known(const char *folder, const struct fs_stamp *before,
                     const struct fs_stamp *after) {
    char *real = fs_real(folder);
    bool whole =
        real && fs_stamp_equal(before, after) && verified_has(real, after);
    free(real);
    return whole;
}

/* When the current version was made, and what it holds. Checking a catalogue
 * takes longer than reading it, so that is done once, as for a bundle. */
static bt_status read_current(const char *folder, struct version *out,
                              struct buf *bytes) {
    char *path = fs_join(folder, SCHEMA_CATALOGUE);
    struct fs_stamp stamp, after;
    uint8_t content[DIGEST_BYTES];
    bt_status s = fs_stamp(path, &stamp);
    if (s == BT_OK)
        s = fs_read_file(path, SCHEMA_CATALOGUE_MAX, bytes);
    if (s == BT_OK)
        s = fs_stamp(path, &after);
    if (s == BT_OK)
        s = manifest_peek(bytes->data, bytes->len, path,
                          !is_known(folder, &stamp, &after), content);
    free(path);
    TRY(s);
    *out = (struct version){.made = stamp.mtime_ns / 1000, .current = true};
    digest_hex(content, out->sha);
    return BT_OK;
}

static int by_age(const void *a, const void *b) {
    const struct version *x = a, *y = b;
    return x->made != y->made ? (x->made < y->made ? -1 : 1)
                              : strcmp(x->sha, y->sha);
}

bt_status versions_kept(const char *folder, struct versions *out) {
    char **files;
    size_t count;
    struct versions all = {0}, v = {0};
    TRY(fs_list(folder, &files, &count));
    for (size_t i = 0; i < count; i++) {
        struct version x;
        if (parse_name(files[i], &x)) {
            all.list = mem_grow(all.list, all.count, &all.cap, sizeof x);
            x.file = files[i];
            all.list[all.count++] = x;
        } else {
            free(files[i]);
        }
    }
    free(files);
    if (all.count > 0)
        qsort(all.list, all.count, sizeof *all.list, by_age);
    for (size_t i = 0; i < all.count; i++)
        add(&v, &all.list[i], all.list[i].file);
    versions_fini(&all);
    *out = v;
    return BT_OK;
}

bt_status versions_read(const char *folder, struct versions *out) {
    struct versions v;
    struct version current;
    struct buf bytes;
    TRY(versions_kept(folder, &v));
    buf_init(&bytes);
    if (read_current(folder, &current, &bytes) == BT_OK)
        add(&v, &current, SCHEMA_CATALOGUE);
    buf_fini(&bytes);
    *out = v;
    return BT_OK;
}

/* ---- pins -----------------------------------------------------------------*/

/* The newest ones that fit, "" all: "3fa901c2d4e5 (current), ...". */
static void describe(const struct versions *v, const char *pin,
                     struct buf *out) {
    int shown = 0;
    for (size_t i = v->count; i-- > 0;) {
        const struct version *x = &v->list[i];
        char day[DATE_TEXT];
        if (strncmp(x->sha, pin, strlen(pin)) != 0)
            continue;
        if (shown++ == 10) {
            buf_str(out, ", ...");
            return;
        }
        date_format(date_of(x->made), day);
        int digits = strlen(pin) > SHOWN - 4 ? SHA_DIGITS : SHOWN;
        buf_printf(out, "%s%.*s (%s)", shown > 1 ? ", " : "", digits, x->sha,
                   x->current ? "current" : day);
    }
    if (shown == 0)
        buf_str(out, "none that can be read");
}

static bt_status explain(const struct versions *v, const char *pin,
                         bt_status code, const char *what) {
    struct buf there;
    buf_init(&there);
    describe(v, pin, &there);
    bt_status s = fail(code, "%s %s", what, there.data);
    buf_fini(&there);
    return s;
}

bt_status versions_find(const struct versions *v, const char *name,
                        const char *pin, size_t *out) {
    size_t n = strlen(pin), found = 0, at = 0;
    char what[400];
    if (n < VERSION_PIN_MIN || n > SHA_DIGITS || strspn(pin, hex_digits) != n) {
        snprintf(what, sizeof what,
                 "%.150s@%.70s: a version is 4 to 64 hex digits of a "
                 "bundle's SHA-256; there is:",
                 name, pin);
        return explain(v, "", BT_E_USAGE, what);
    }
    for (size_t i = 0; i < v->count; i++) {
        if (strncmp(v->list[i].sha, pin, n) == 0) {
            found++;
            at = i;
        }
    }
    if (found == 1) {
        *out = at;
        return BT_OK;
    }
    snprintf(what, sizeof what,
             found == 0 ? "bundle '%.150s' has no version %.70s; there is:"
                        : "bundle '%.150s' has several versions %.70s...; "
                          "write more digits:",
             name, pin);
    return explain(v, found ? pin : "", found ? BT_E_USAGE : BT_E_DATA, what);
}

/* ---- keeping --------------------------------------------------------------*/

/* A time later than that of every version kept: clocks may step back. */
static bt_time later(const struct versions *kept, bt_time made) {
    for (size_t i = 0; i < kept->count; i++)
        if (made <= kept->list[i].made)
            made = kept->list[i].made + 1;
    return made;
}

static bt_status keep_version(const char *folder, const struct version *current,
                              const struct buf *bytes) {
    struct versions kept;
    TRY(versions_kept(folder, &kept));
    char *path = NULL;
    size_t n = kept.count;
    bool there = n > 0 && strcmp(kept.list[n - 1].sha, current->sha) == 0;
    bt_status s = BT_OK;
    if (!there) {
        path = mem_printf("%s/%lld-%s" KEPT_SUFFIX, folder,
                          (long long)later(&kept, current->made), current->sha);
        s = fs_write(path, bytes->data, bytes->len, 0400);
    }
    free(path);
    versions_fini(&kept);
    return s;
}

bt_status version_keep(const char *folder, const char *sha) {
    struct version current;
    struct buf bytes;
    buf_init(&bytes);
    bt_status s = read_current(folder, &current, &bytes);
    if (s != BT_OK) {
        log_warn("the version before this one was not kept: %s",
                 bt_error_message());
        s = BT_OK;
    } else if (strcmp(current.sha, sha) != 0) {
        s = keep_version(folder, &current, &bytes);
    }
    buf_fini(&bytes);
    return s;
}

void version_settle(const char *folder, const char *sha) {
    char **files;
    size_t count;
    struct version v;
    if (fs_list(folder, &files, &count) != BT_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        if (parse_name(files[i], &v) && strcmp(v.sha, sha) == 0) {
            char *path = fs_join(folder, files[i]);
            (void)unlink(path);
            free(path);
        }
        free(files[i]);
    }
    free(files);
}
