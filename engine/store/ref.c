/* demo, demo@3fa901c2, ./folder/demo@3fa9: a bundle by name or path, and a pin.
 *
 * What stands behind the last @ is a pin, unless a / follows or the whole text
 * leads to a bundle. A whole hash is what the engine writes itself (manifests,
 * the reopening of a job's bundle): it is found among the names of the kept
 * versions or else must be the current one, so that no catalogue is read before
 * the one that is opened.
 */
#include "store/ref.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/bundle.h"
#include "store/pool.h"

#include <stdlib.h>
#include <string.h>

/* Where the pin begins, NULL when there is none. */
static const char *find_pin(const char *text) {
    const char *at = strrchr(text, '@');
    if (at == NULL || at == text || strchr(at, '/') != NULL ||
        bundle_is_folder(text))
        return NULL;
    return at + 1;
}

static void lower(char *s) {
    for (; *s != '\0'; s++)
        if (*s >= 'A' && *s <= 'F')
            *s = (char)(*s - 'A' + 'a');
}

static void take(struct ref *r, struct version *v) {
    r->pinned = true;
    r->version = *v;
    v->file = NULL;
}

static bt_status find_newest(struct ref *r, const char *name, const char *pin) {
    struct versions v;
    size_t at = 0;
    TRY(versions_read(r->path, &v));
    bt_status s = versions_find(&v, name, pin, &at);
    if (s == BT_OK)
        take(r, &v.list[at]);
    versions_fini(&v);
    return s;
}

/* pin is a whole hash: a kept version, or taken for the current one. */
static bt_status find_whole(struct ref *r, const char *pin) {
    struct versions v;
    TRY(versions_kept(r->path, &v));
    for (size_t i = 0; i < v.count; i++)
        if (strcmp(v.list[i].sha, pin) == 0)
            take(r, &v.list[i]);
    versions_fini(&v);
    if (!r->pinned) {
        r->pinned = true;
        r->version = (struct version){.current = true};
        memcpy(r->version.sha, pin, sizeof r->version.sha);
    }
    return BT_OK;
}

static bt_status resolve(const char *text, struct ref *r) {
    const char *at = find_pin(text);
    if (at == NULL)
        return bundle_locate(text, &r->path);
    char *name = mem_strndup(text, (size_t)(at - 1 - text));
    char *pin = mem_strdup(at);
    lower(pin);
    bt_status s = bundle_locate(name, &r->path);
    if (s == BT_OK)
        s = version_is_whole(pin) ? find_whole(r, pin)
                                  : find_newest(r, name, pin);
    free(name);
    free(pin);
    return s;
}

bt_status ref_resolve(const char *name, struct ref *out) {
    struct ref r = {0};
    bt_status s = resolve(name, &r);
    if (s != BT_OK) {
        ref_fini(&r);
        return s;
    }
    *out = r;
    return BT_OK;
}

const struct version *ref_version(const struct ref *r) {
    return r->pinned ? &r->version : NULL;
}

void ref_fini(struct ref *r) {
    free(r->path);
    free(r->version.file);
    *r = (struct ref){0};
}

/* The current version is not the one that was pinned: it never was, or another
 * came in between. Says what there is. */
bt_status ref_missed(const struct ref *r) {
    struct versions v;
    size_t at;
    TRY(versions_read(r->path, &v));
    bt_status s = versions_find(&v, fs_base(r->path), r->version.sha, &at);
    if (s == BT_OK)
        s = fail(BT_E_BUSY, "%s is being written by an ingest; try again",
                 r->path);
    versions_fini(&v);
    return s;
}

bt_status ref_open(const struct ref *r, bool verify, bt_bundle **out) {
    bt_bundle *b;
    bool current = !r->pinned || r->version.current;
    TRY(bundle_open_version(r->path, current ? NULL : &r->version, verify, &b));
    if (r->pinned && !ref_is(r, b)) {
        bundle_close(b, true);
        return ref_missed(r);
    }
    *out = b;
    return BT_OK;
}

bool ref_is(const struct ref *r, const bt_bundle *b) {
    char sha[DIGEST_TEXT];
    digest_hex(bundle_sha(b), sha);
    return !r->pinned || strcmp(sha, r->version.sha) == 0;
}
