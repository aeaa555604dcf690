/* Any bytes as damage to a bundle: what must hold whatever they are.
 *
 * The bytes are a script of edits to the files of a small bundle with own
 * fields, facts and a split; the first byte says whether the catalogue is
 * sealed anew afterwards, so that the damage is met by what reads it and not by
 * the seal alone. Six bytes an edit:
 *
 *     what (0 set, 1 flip, 2 cut, 3 zero 64 bytes, 4 remove, 5 copy 64 bytes
 *     from elsewhere), file, offset (3 bytes, little-endian, modulo the size),
 *     value
 *
 * Opening ends with bad data, or with a bundle that holds what was written:
 * same hash, same bits. A hostile catalogue may claim other facts about itself,
 * never other bars under a known hash.
 */
#ifndef BT_SPEC_FUZZ_BUNDLE_H
#define BT_SPEC_FUZZ_BUNDLE_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/actions.h"
#include "store/attic.h"
#include "store/builder.h"
#include "store/bundle.h"
#include "store/schema.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAMAGE_HOLDS(x)                                                        \
    do                                                                         \
        if (!(x)) {                                                            \
            fprintf(stderr, "%s:%d: %s does not hold: %s\n", __FILE__,         \
                    __LINE__, #x, bt_error_message());                         \
            abort();                                                           \
        }                                                                      \
    while (0)

enum { DAMAGE_FILES = 16, DAMAGE_ROWS = 6, DAMAGE_EDIT = 6 };

static struct {
    char folder[64], *path; /* of bundles, of the damaged one */
    char sha[65];
    char *name[DAMAGE_FILES];
    struct buf file[DAMAGE_FILES];
    size_t count, catalogue;
} damage;

static inline struct bar damage_bar(int32_t day, double close) {
    bt_time open = day * INT64_C(86400000000);
    return (struct bar){open,      open + 1000000, day,   close,
                        close + 1, close - 1,      close, 100};
}

static inline void damage_make(void) {
    struct builder *b;
    struct action_set *actions = action_set_new();
    struct bar bars[DAMAGE_ROWS];
    DAMAGE_HOLDS(builder_open(damage.folder, "whole", "1d", &b) == BT_OK);
    for (int i = 0; i < DAMAGE_ROWS; i++)
        bars[i] = damage_bar(10000 + i, 10 + i);
    DAMAGE_HOLDS(builder_asset(b, "AAA", bars, DAMAGE_ROWS) == BT_OK);
    DAMAGE_HOLDS(builder_asset(b, "BBB", bars + 2, 3) == BT_OK);
    DAMAGE_HOLDS(builder_value(b, "signal", "AAA", bars[1].open_time, 0.5) ==
                 BT_OK);
    DAMAGE_HOLDS(builder_fact(b, "BBB", "tick_size", "0.01") == BT_OK);
    DAMAGE_HOLDS(action_set_split(actions, "AAA", 10003, 2) == BT_OK);
    builder_actions(b, actions);
    DAMAGE_HOLDS(builder_commit(b, "{}", 0, damage.sha) == BT_OK);
    action_set_free(actions);
}

/* The bundle, made once, its files in memory; the catalogue is the last. */
static inline void damage_setup(void) {
    char **names;
    if (damage.path != NULL)
        return;
    strcpy(damage.folder, "/tmp/backlua_damage_XXXXXX");
    DAMAGE_HOLDS(mkdtemp(damage.folder) != NULL);
    char *cache = fs_join(damage.folder, "cache");
    setenv("XDG_CACHE_HOME", cache, 1);
    free(cache);
    damage_make();
    char *whole = fs_join(damage.folder, "whole");
    DAMAGE_HOLDS(fs_list(whole, &names, &damage.count) == BT_OK);
    DAMAGE_HOLDS(damage.count <= DAMAGE_FILES);
    for (size_t i = 0; i < damage.count; i++) {
        char *file = fs_join(whole, names[i]);
        damage.name[i] = names[i];
        buf_init(&damage.file[i]);
        DAMAGE_HOLDS(fs_read(file, 1 << 20, &damage.file[i]) == BT_OK);
        if (strcmp(names[i], SCHEMA_CATALOGUE) == 0)
            damage.catalogue = i;
        free(file);
    }
    free(names);
    free(whole);
    damage.path = fs_join(damage.folder, "damaged");
}

static inline void damage_teardown(void) {
    for (size_t i = 0; i < damage.count; i++) {
        free(damage.name[i]);
        buf_fini(&damage.file[i]);
    }
    free(damage.path);
    (void)fs_remove_tree(damage.folder);
    memset(&damage, 0, sizeof damage);
}

/* ---- the script -----------------------------------------------------------*/

static inline void damage_edit(struct buf *files, const unsigned char *e) {
    struct buf *f = &files[e[1] % damage.count];
    if (f->len == 0)
        return;
    size_t at =
        ((size_t)e[2] | (size_t)e[3] << 8 | (size_t)e[4] << 16) % f->len;
    size_t n = f->len - at < 64 ? f->len - at : 64;
    switch (e[0] % 6) {
    case 0:
        f->data[at] = (char)e[5];
        break;
    case 1:
        f->data[at] = (char)(f->data[at] ^ (1 << e[5] % 8));
        break;
    case 2:
        f->len = e[5] % 2 ? at : at / SCHEMA_PAGE * SCHEMA_PAGE;
        break;
    case 3:
        memset(f->data + at, 0, n);
        break;
    case 4:
        f->len = 0;
        break;
    default:
        memmove(f->data + at, f->data + (size_t)e[5] * 61 % (f->len - n + 1),
                n);
    }
}

static inline void damage_seal(struct buf *f) {
    uint8_t sha[DIGEST_BYTES];
    char hex[DIGEST_TEXT];
    if (f->len <= SCHEMA_PAGE)
        return;
    char *page = f->data + f->len - SCHEMA_PAGE;
    memset(page, 0, SCHEMA_PAGE);
    digest_bytes(f->data, f->len - SCHEMA_PAGE, sha);
    digest_hex(sha, hex);
    memcpy(page, SCHEMA_SEAL, strlen(SCHEMA_SEAL));
    memcpy(page + strlen(SCHEMA_SEAL), hex, 64);
    page[strlen(SCHEMA_SEAL) + 64] = '\n';
}

static inline void damage_write(const struct buf *files) {
    DAMAGE_HOLDS(fs_remove_tree(damage.path) == BT_OK);
    DAMAGE_HOLDS(fs_mkdirs(damage.path) == BT_OK);
    for (size_t i = 0; i < damage.count; i++) {
        if (files[i].len == 0)
            continue;
        char *path = fs_join(damage.path, damage.name[i]);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        DAMAGE_HOLDS(fd >= 0 && write(fd, files[i].data, files[i].len) ==
                                    (ssize_t)files[i].len);
        close(fd);
        free(path);
    }
}

/* ---- what must hold -------------------------------------------------------*/

static inline void damage_same_bits(bt_bundle *b, bt_bundle *whole) {
    DAMAGE_HOLDS(bundle_rows(b) == DAMAGE_ROWS);
    DAMAGE_HOLDS(bundle_assets(b) == 2 && bundle_fields(b) == BT_FIELDS + 1);
    for (int32_t sid = 0; sid < 2; sid++) {
        for (int32_t f = 0; f <= BT_FIELDS; f++) {
            const double *x, *y;
            if (f == BT_FIELD_PRICE)
                continue;
            DAMAGE_HOLDS(bundle_column(b, sid, f, &x) == BT_OK);
            DAMAGE_HOLDS(bundle_column(whole, sid, f, &y) == BT_OK);
            DAMAGE_HOLDS(memcmp(x, y, DAMAGE_ROWS * sizeof *x) == 0);
        }
    }
}

static inline void damage_open(void) {
    bt_bundle *b, *whole;
    bt_bundle_info info;
    bt_status s = bundle_open(damage.path, false, &b);
    if (s != BT_OK) {
        DAMAGE_HOLDS(s == BT_E_DATA && bt_error_message()[0] != '\0');
        return;
    }
    bt_bundle_get_info(b, &info);
    char *path = fs_join(damage.folder, "whole");
    DAMAGE_HOLDS(bundle_open(path, false, &whole) == BT_OK);
    if (strcmp(info.sha256, damage.sha) == 0)
        damage_same_bits(b, whole);
    bundle_close(whole, true);
    bundle_close(b, true);
    free(path);
}

static inline void fuzz_bundle(const char *bytes, size_t n) {
    const unsigned char *script = (const unsigned char *)bytes;
    struct buf files[DAMAGE_FILES];
    damage_setup();
    for (size_t i = 0; i < damage.count; i++) {
        buf_init(&files[i]);
        buf_add(&files[i], damage.file[i].data, damage.file[i].len);
    }
    for (size_t at = 1; at + DAMAGE_EDIT <= n && at < 600; at += DAMAGE_EDIT)
        damage_edit(files, script + at);
    if (n > 0 && script[0] % 2)
        damage_seal(&files[damage.catalogue]);
    damage_write(files);
    damage_open();
    for (size_t i = 0; i < damage.count; i++)
        buf_fini(&files[i]);
}

#endif
