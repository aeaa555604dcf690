/* Which whole prices are multiples.
 *
 * LEAN multiplies prices of equity by 10000 and writes those of crypto and
 * forex as they are, in files of one shape. So the files of a market (its
 * folder; in LEAN's trees what stands above "daily" or "minute") are looked at
 * by symbol: a price with a part of one shows that they are written out, all
 * prices whole that they are multiples. A market where some symbols show the
 * one and some the other is a question: a coin may have whole prices only.
 *
 * What was decided is in the manifest, by symbol, and binds what is appended:
 * where prices were written out, whole ones are taken as they are; where they
 * were multiples, others are refused. Whole prices of a new symbol are a
 * question where the bundle has written ones, unless another of their market is
 * known to be multiples.
 */
#include "store/ingest.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum kind { UNKNOWN, WRITTEN, MULTIPLES };

/* Of all files of a symbol, or of a market. */
struct prices {
    const struct file *written, *whole; /* the first of either kind */
    const struct file *known;           /* one that the manifest divides */
    bool looked;                        /* bound is what the manifest says */
    enum kind bound;
};

/* The folder of a file, cut before the name of a resolution. */
static char *market_of(const struct file *f) {
    char *folder = fs_dir(f->open_path);
    char *end = folder + strlen(folder);
    while (end > folder) {
        while (end > folder && end[-1] != '/')
            end--;
        if (ingest_is_resolution(end)) {
            *end = '\0';
            break;
        }
        if (end > folder)
            *--end = '\0';
    }
    if (folder[0] != '\0')
        return folder;
    free(folder);
    return fs_dir(f->open_path);
}

static struct prices *prices_of(struct map *m, const char *key) {
    struct prices *p = map_get(m, key);
    if (p == NULL) {
        p = mem_zalloc(1, sizeof *p);
        map_put(m, key, p);
    }
    return p;
}

/* The prices of a file's symbol in its market. */
static struct prices *symbol_prices(struct map *m, const struct file *f) {
    char *market = market_of(f);
    char *key = mem_printf("%s\n%s", market, f->symbol ? f->symbol : "");
    struct prices *p = prices_of(m, key);
    free(key);
    free(market);
    return p;
}

static struct prices *market_prices(struct map *m, const struct file *f) {
    char *market = market_of(f);
    struct prices *p = prices_of(m, market);
    free(market);
    return p;
}

static void note_first(const struct file **first, const struct file *f) {
    if (*first == NULL)
        *first = f;
}

/* ---- what the manifest says -----------------------------------------------*/

static const char *const lists[] = {NULL, "\"written_prices\":[",
                                    "\"multiplied_prices\":["};

/* Of a file of such a format, as it was taken. */
static enum kind kind_of(const bt_ingest *g, const struct file *f) {
    double scale = g->options.scale;
    if (f->actions || !f->format || !(f->format->quirks & QUIRK_WHOLE))
        return UNKNOWN;
    if (f->whole)
        return f->scaled ? MULTIPLES : WRITTEN;
    if (fabs(scale * f->format->divisor - 1) < 1e-9)
        return MULTIPLES;
    return scale == 1 ? WRITTEN : UNKNOWN;
}

/* Symbols come from a column: one decision for all. */
static const char *scale_symbol(const struct file *f) {
    return f->symbol ? f->symbol : "*";
}

static void list_symbols(const bt_ingest *g, enum kind kind, struct buf *b) {
    struct map *seen = map_new();
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        if (kind_of(g, f) != kind || map_get(seen, scale_symbol(f)) != NULL)
            continue;
        bool first = map_count(seen) == 0;
        buf_printf(b, "%s%s", first ? "," : "", first ? lists[kind] : ",");
        ingest_json_text(b, scale_symbol(f));
        map_put(seen, scale_symbol(f), (void *)f);
    }
    if (map_count(seen) > 0)
        buf_chr(b, ']');
    map_free(seen);
}

void ingest_scale_json(const bt_ingest *g, struct buf *b) {
    list_symbols(g, WRITTEN, b);
    list_symbols(g, MULTIPLES, b);
}

/* The first list of a kind that names the symbol; the latest ingest comes
 * first. Quotes within texts of a manifest stand behind a backslash, so that
 * nothing else looks like a list. */
static const char *find_symbol(const char *manifest, enum kind kind,
                               const char *quoted) {
    const char *list = manifest;
    while ((list = strstr(list, lists[kind])) != NULL) {
        list += strlen(lists[kind]);
        const char *end = strchr(list, ']'), *at = strstr(list, quoted);
        if (at != NULL && at < end)
            return at;
    }
    return NULL;
}

static const char *base_manifest(const bt_ingest *g) {
    bt_bundle_info info;
    if (g->base == NULL)
        return "";
    bt_bundle_get_info(g->base, &info);
    return info.provenance;
}

/* How prices of the file's symbol were taken when the bundle was made. */
static enum kind look_up(const bt_ingest *g, const struct file *f) {
    const char *manifest = base_manifest(g);
    struct buf quoted;
    buf_init(&quoted);
    ingest_json_text(&quoted, scale_symbol(f));
    const char *written = find_symbol(manifest, WRITTEN, quoted.data);
    const char *multiple = find_symbol(manifest, MULTIPLES, quoted.data);
    buf_fini(&quoted);
    if (written != NULL && (multiple == NULL || written < multiple))
        return WRITTEN;
    return multiple != NULL ? MULTIPLES : UNKNOWN;
}

static enum kind bound_kind(const bt_ingest *g, struct map *m,
                            const struct file *f) {
    struct prices *p = symbol_prices(m, f);
    if (!p->looked && g->base != NULL)
        p->bound = look_up(g, f);
    p->looked = true;
    return p->bound;
}

static bt_status check_base(const bt_ingest *g, struct map *m,
                            const struct file *f) {
    const struct prices *market = market_prices(m, f);
    enum kind bound = bound_kind(g, m, f);
    bool written = market->written != NULL;
    if (written && bound == MULTIPLES)
        return fail(BT_E_USAGE,
                    "%s has prices with a part of one, but those of bundle "
                    "'%s' were whole and divided by %d; say --scale 1 when "
                    "these are as written, ingest all anew when those were",
                    f->path, g->options.bundle, f->format->divisor);
    if (f->scaled && market->known == NULL &&
        strstr(base_manifest(g), lists[WRITTEN]) != NULL)
        return fail(BT_E_USAGE,
                    "all prices of %s are whole, which %s may multiply by %d, "
                    "but prices of bundle '%s' were written out; say --scale 1 "
                    "when these are as written, --scale %g when they are "
                    "multiples",
                    f->path, f->format->title, f->format->divisor,
                    g->options.bundle, 1.0 / f->format->divisor);
    return BT_OK;
}

/* ---- the files ------------------------------------------------------------*/

static void gather(bt_ingest *g, struct map *m) {
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        if (f->whole && f->written)
            note_first(&symbol_prices(m, f)->written, f);
    }
    for (size_t i = 0; i < g->file_count; i++) {
        const struct file *f = &g->files[i];
        if (!f->whole)
            continue;
        bool written = symbol_prices(m, f)->written != NULL ||
                       bound_kind(g, m, f) == WRITTEN;
        struct prices *market = market_prices(m, f);
        if (bound_kind(g, m, f) == MULTIPLES)
            market->known = f;
        note_first(written ? &market->written : &market->whole, f);
    }
}

static bt_status decide(bt_ingest *g, struct map *m) {
    for (size_t i = 0; i < g->file_count; i++) {
        struct file *f = &g->files[i];
        if (!f->whole)
            continue;
        const struct prices *p = market_prices(m, f);
        if (p->written != NULL && p->whole != NULL)
            return fail(BT_E_USAGE,
                        "%s has prices with a part of one, those of %s are all "
                        "whole, which %s may multiply by %d; say --scale 1 "
                        "when all are as written, --scale %g when all are "
                        "multiples, else ingest them by themselves",
                        p->written->path, p->whole->path, f->format->title,
                        f->format->divisor, 1.0 / f->format->divisor);
        f->scaled = p->whole != NULL;
        TRY(check_base(g, m, f));
        g->scaled_files += f->scaled;
    }
    return BT_OK;
}

bt_status ingest_decide_scale(bt_ingest *g) {
    struct map *m = map_new();
    gather(g, m);
    bt_status s = decide(g, m);
    size_t it = 0;
    const char *key;
    void *value;
    while (map_next(m, &it, &key, &value))
        free(value);
    map_free(m);
    return s;
}
