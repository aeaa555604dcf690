/* A list of points handed out in order, whatever they score.
 *
 * The points are those that the options know (bt_search_options_known), which
 * are borrowed. For trials that are run again.
 */
#include "search/kind.h"

#include "base/mem.h"

#include <stdlib.h>

struct listed {
    struct search base;
    const struct known *points;
    int32_t count;
};

static bool ask(struct search *s, struct point *out) {
    const struct listed *l = (const struct listed *)s;
    if (s->asked >= l->count)
        return false;
    *out = l->points[s->asked].point;
    return true;
}

static double total(const struct search *s) {
    return ((const struct listed *)s)->count;
}

static void listed_free(struct search *s) {
    free(s);
}

static const struct search_kind listed_kind = {
    .adaptive = false,
    .ask = ask,
    .total = total,
    .free = listed_free,
};

struct search *listed_new(const struct search_options *o) {
    struct listed *l = mem_zalloc(1, sizeof *l);
    l->base.kind = &listed_kind;
    l->points = o->known;
    l->count = o->known_count;
    return &l->base;
}
