/* Hashing a bundle costs more than a backtest, so it is done once per state of
 * its files: {dev, inode, size, mtime_ns, ctime_ns} of each. Whoever can forge
 * those can also forge the hashes in the catalogue.
 *
 * The state is remembered in this process and, for the next one, in
 *     <cache folder>/verified/<digest of the bundle's path>
 * a text of two lines, replaced by rename. Its loss costs a hash, nothing else:
 * what cannot be read or written is passed over, with one warning where the
 * folder is not ours alone.
 */
#include "store/verified.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER "backlua verified 1\n"

static struct map *known; /* path -> struct verified */

void verified_of(const struct fs_stamp *stamps, size_t n, uint8_t out[32]) {
    struct digest *d = digest_new();
    digest_str(d, HEADER);
    for (size_t i = 0; i < n; i++) {
        const struct fs_stamp *s = &stamps[i];
        digest_i64(d, s->dev);
        digest_i64(d, s->inode);
        digest_i64(d, s->size);
        digest_i64(d, s->mtime_ns);
        digest_i64(d, s->ctime_ns);
    }
    digest_end(d, out);
    digest_free(d);
}

/* ---- the cache folder -----------------------------------------------------*/

static void warn_once(const char *folder) {
    static bool warned;
    if (!warned)
        log_warn("the cache folder %s cannot be used (it must be a folder of "
                 "yours that nobody else can write); bundles are hashed at "
                 "every start",
                 folder ? folder : "(no home folder)");
    warned = true;
}

/* Path of the entry; NULL when there is no folder for it. The caller frees. */
static char *entry_path(const char *path) {
    uint8_t sha[DIGEST_BYTES];
    char hex[DIGEST_TEXT], *entry = NULL;
    char *home = fs_cache_home();
    char *folder = home ? fs_join(home, "verified") : NULL;
    if (folder && fs_mkdirs(folder) == BT_OK && fs_is_ours(home) &&
        fs_is_ours(folder)) {
        digest_bytes(path, strlen(path), sha);
        digest_hex(sha, hex);
        entry = fs_join(folder, hex);
    } else {
        warn_once(home);
    }
    free(folder);
    free(home);
    return entry;
}

static bool read_hex(const char *text, uint8_t out[32]) {
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 64; i++) {
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
        if (digit == NULL)
            return false;
        int v = (int)(digit - digits);
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | v : v << 4);
    }
    return text[64] == '\n';
}

static bool parse(const struct buf *text, struct verified *out) {
    size_t head = strlen(HEADER);
    return text->len == head + 130 && strncmp(text->data, HEADER, head) == 0 &&
           read_hex(text->data + head, out->catalogue) &&
           read_hex(text->data + head + 65, out->all);
}

static bool read_entry(const char *path, struct verified *out) {
    struct buf text;
    char *entry = entry_path(path);
    if (entry == NULL)
        return false;
    buf_init(&text);
    bool found = fs_exists(entry) && fs_read(entry, 4096, &text) == BT_OK &&
                 parse(&text, out);
    buf_fini(&text);
    free(entry);
    return found;
}

static void write_entry(const char *path, const struct verified *v) {
    struct buf text;
    char hex[2][DIGEST_TEXT];
    char *entry = entry_path(path);
    if (entry == NULL)
        return;
    digest_hex(v->catalogue, hex[0]);
    digest_hex(v->all, hex[1]);
    buf_init(&text);
    buf_printf(&text, HEADER "%s\n%s\n", hex[0], hex[1]);
    if (fs_write(entry, text.data, text.len, 0600) != BT_OK)
        warn_once(entry);
    buf_fini(&text);
    free(entry);
}

/* ---- the process ----------------------------------------------------------*/

static void remember(const char *path, const struct verified *v) {
    if (known == NULL)
        known = map_new();
    struct verified *mine = map_get(known, path);
    if (mine == NULL)
        mine = mem_alloc(sizeof *mine);
    *mine = *v;
    map_put(known, path, mine);
}

bool verified_get(const char *path, struct verified *out) {
    struct verified *mine = known ? map_get(known, path) : NULL;
    if (mine) {
        *out = *mine;
        return true;
    }
    if (!read_entry(path, out))
        return false;
    remember(path, out);
    return true;
}

bool verified_has(const char *path, const struct fs_stamp *catalogue) {
    struct verified last;
    uint8_t now[DIGEST_BYTES];
    if (!verified_get(path, &last))
        return false;
    verified_of(catalogue, 1, now);
    return memcmp(now, last.catalogue, DIGEST_BYTES) == 0;
}

void verified_put(const char *path, const struct verified *v) {
    remember(path, v);
    write_entry(path, v);
}

void verified_forget(const char *path) {
    free(known ? map_del(known, path) : NULL);
    char *entry = entry_path(path);
    if (entry)
        unlink(entry);
    free(entry);
}
