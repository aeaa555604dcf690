/* Ask and tell for callers who answer when they like.
 *
 * A search is told in the order it was asked in. Here scores may come in any
 * order: a suggestion waits in line with its score until all before it have
 * theirs. A score for a point that was not suggested goes to the search at
 * once, as something known.
 *
 * A suggestion is found by its canonical text; O(waiting) a tell.
 *
 * Invariant: the first in line has no score yet.
 */
#include "search/known.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct waiting {
    struct point point;
    bt_verdict verdict;
    bool scored;
};

struct bt_asker {
    struct search *search;
    struct waiting *line; /* in the order asked */
    size_t count, cap;
    struct point ahead; /* asked to see whether there is one */
    bool has_ahead, over;
};

bt_status bt_asker_new(const bt_space *space, const bt_search_options *o,
                       bt_asker **out) {
    struct search *search;
    bt_status status = search_new(space, o, &search);
    if (status != BT_OK)
        return status;
    bt_asker *a = mem_zalloc(1, sizeof *a);
    a->search = search;
    *out = a;
    return BT_OK;
}

void bt_asker_free(bt_asker *a) {
    if (!a)
        return;
    search_free(a->search);
    free(a->line);
    free(a);
}

static bool look_ahead(bt_asker *a) {
    if (!a->has_ahead && !a->over) {
        a->has_ahead = search_ask(a->search, &a->ahead);
        a->over = !a->has_ahead && a->count == 0;
    }
    return a->has_ahead;
}

int32_t bt_asker_ask(bt_asker *a, bt_point *out) {
    if (!look_ahead(a))
        return 0;
    a->line = mem_grow(a->line, a->count, &a->cap, sizeof *a->line);
    a->line[a->count++] = (struct waiting){.point = a->ahead};
    out->point = a->ahead;
    a->has_ahead = false;
    return 1;
}

int32_t bt_asker_is_over(bt_asker *a) {
    return a->count == 0 && !look_ahead(a);
}

static bool is_same(const struct point *a, const struct point *b) {
    for (int32_t i = 0; i < a->count; i++) {
        const struct value *x = &a->value[i], *y = &b->value[i];
        if (x->kind != y->kind || x->choice != y->choice)
            return false;
        if (x->choice < 0 && x->kind != VALUE_NONE && x->number != y->number)
            return false;
    }
    return true;
}

static void pass_on(bt_asker *a) {
    size_t n = 0;
    for (; n < a->count && a->line[n].scored; n++)
        search_judge(a->search, &a->line[n].point, &a->line[n].verdict);
    a->count -= n;
    memmove(a->line, a->line + n, a->count * sizeof *a->line);
}

bt_status bt_asker_tell(bt_asker *a, const bt_point *p, const bt_verdict *v) {
    bt_status status = bt_point_check(p);
    if (status != BT_OK)
        return status;
    for (size_t i = 0; i < a->count; i++) {
        struct waiting *w = &a->line[i];
        if (w->scored || !is_same(&w->point, &p->point))
            continue;
        w->scored = true;
        w->verdict = *v;
        pass_on(a);
        return BT_OK;
    }
    search_judge(a->search, &p->point, v);
    return BT_OK;
}
