/* Which whole prices are multiples.
 *
 * LEAN multiplies prices of equity by 10000 and writes those of crypto and
 * forex as they are, in files of one shape. So the files of a market (its
 * folder; in LEAN's trees what stands above "daily" or "minute") are looked at
 * by symbol: a price with a part of one shows that they are written out, all
 * prices whole that they are multiples. A market where some symbols show the
 * one and some the other is a question: a coin may have whole prices only.
 *
 * What was decided is in the manifest and binds what is appended to its
 * symbols: where prices were written out, whole ones are taken as they are;
 * where they were multiples, others are refused. Where the manifest does not
 * say enough, whole prices are a question.
 */
#include "store/ingest.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of all files of a symbol, or of a market. */
struct prices {
    const struct file *written, *whole; /* the first of either kind */
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

enum { WRITTEN = 1, MULTIPLES = 2, BOTH = WRITTEN | MULTIPLES };
static const char *const kinds[] = {NULL, "written", "multiples", "both"};

/* Of a file of such a format: WRITTEN, MULTIPLES or 0, not known. */
static int kind_of(const bt_ingest *g, const struct file *f) {
    double scale = g->options.scale;
    if (f->actions || !f->format || !(f->format->quirks & QUIRK_WHOLE))
        return 0;
    if (f->whole)
        return f->scaled ? MULTIPLES : WRITTEN;
    if (fabs(scale * f->format->divisor - 1) < 1e-9)
        return MULTIPLES;
    return scale == 1 ? WRITTEN : 0;
}

void ingest_scale_json(const bt_ingest *g, struct buf *b) {
    int kind = 0;
    for (size_t i = 0; i < g->file_count; i++)
        kind |= kind_of(g, &g->files[i]);
    if (kind != 0)
        buf_printf(b, ",\"whole_prices\":\"%s\"", kinds[kind]);
}

/* The latest decision in the bundle's manifest. Quotes within its texts stand
 * behind a backslash, so that this is found as a member only. */
static int base_kind(const bt_ingest *g) {
    static const char key[] = "\"whole_prices\":\"";
    bt_bundle_info info;
    if (g->base == NULL)
        return 0;
    bt_bundle_get_info(g->base, &info);
    const char *at = strstr(info.provenance, key);
    for (int kind = WRITTEN; at != NULL && kind <= BOTH; kind++)
        if (strncmp(at + strlen(key), kinds[kind], strlen(kinds[kind])) == 0)
            return kind;
    return 0;
}

/* The decision that holds for a file: of a symbol of the bundle. */
static int bound_kind(const bt_ingest *g, const struct file *f) {
    bool known = g->base != NULL &&
                 (f->symbol == NULL || bt_bundle_find(g->base, f->symbol) >= 0);
    int kind = known ? base_kind(g) : 0;
    return kind == BOTH ? 0 : kind;
}

static bt_status check_base(const bt_ingest *g, const struct file *f,
                            bool written) {
    int bound = bound_kind(g, f);
    if (written && bound == MULTIPLES)
        return fail(BT_E_USAGE,
                    "%s has prices with a part of one, but those of bundle "
                    "'%s' were whole and divided by %d; say --scale 1 when "
                    "these are as written, ingest all anew when those were",
                    f->path, g->options.bundle, f->format->divisor);
    if (f->scaled && bound == 0 && (base_kind(g) & WRITTEN))
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
        bool written =
            symbol_prices(m, f)->written != NULL || bound_kind(g, f) == WRITTEN;
        struct prices *market = market_prices(m, f);
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
        TRY(check_base(g, f, p->written != NULL));
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
