/* Walk-forward: a search in each window, then the test of what it found.
 *
 * The space is that of the inner search with two parameters behind it: the
 * number of the window, from 1, and the stage (train, validation, test). So a
 * whole walk is one study of one loop: its trials run on one crew, window
 * beside window, and are resumed, repeated and saved like any other.
 *
 * Each window goes through its stages in order:
 *
 *     train        what its inner search asks, up to `trials` that count
 *     validation   the `keep` best of them, the best first; only if there is
 *                  such a stage
 *     test         once, with what validation liked best (without validation or
 *                  with keep = 1: with the best of train)
 *
 * A candidate that violates a constraint in validation is only chosen when all
 * do: a least number of trades that suits train may be too many for a slice.
 *
 * Windows take turns, one point each, so with batches of windows * b points
 * every inner search sees the batches of b that it would see alone. Tells may
 * come in any order. A stage begins when the one before has been told in full;
 * when no window has anything to ask until then, ask says no, and is asked
 * again after the next tell. A point that was excluded does not count; after
 * EXCLUDED_MAX in a row a window ends with what it has.
 *
 * Of trials of another time (an asynchronous study that goes on) those of train
 * are told to inner searches that learn, and count. All others are asked again,
 * which costs nothing: the loop knows what they came to.
 *
 * Cost: that of the inner search, O(keep) a tell.
 */
#include "search/kind.h"

#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXTRA = 2, EXCLUDED_MAX = 10000 };
enum stage { TRAIN, VALIDATION, TEST, OVER };

struct candidate {
    struct point point; /* of the inner space */
    double score;       /* in train */
};

struct window {
    struct search *inner;
    enum stage stage;
    bool inner_ended;
    int64_t asked, told;    /* of the stage */
    int64_t excluded;       /* of train */
    int32_t excluded_row;   /* since one that counted */
    struct candidate *best; /* [keep], the best first */
    int32_t found;
    int32_t chosen;    /* position in best */
    bool chosen_holds; /* the constraints on results, in validation */
    double chosen_score;
};

struct walk {
    struct search base;
    struct walk_options options;
    struct window *windows; /* [options.windows] */
    int32_t turn;
};

/* ---- points ---------------------------------------------------------------*/

static void put_stage(const struct walk *k, int32_t window, enum stage stage,
                      struct point *p) {
    int32_t at = p->count;
    space_level(k->base.space, at, window, &p->value[at]);
    space_level(k->base.space, at + 1, stage, &p->value[at + 1]);
    p->count = at + EXTRA;
}

static struct window *window_of(const struct walk *k, const struct point *p) {
    return &k->windows[(int32_t)p->value[p->count - EXTRA].number - 1];
}

static enum stage stage_of(const struct point *p) {
    return (enum stage)p->value[p->count - 1].choice;
}

static void inner_point(const struct point *p, struct point *out) {
    *out = *p;
    out->count -= EXTRA;
}

/* ---- stages ---------------------------------------------------------------*/

static void enter(const struct walk *k, struct window *w, enum stage stage) {
    if (stage == VALIDATION && !k->options.validation)
        stage = TEST;
    w->stage = w->found == 0 ? OVER : stage;
    w->asked = w->told = 0;
}

static bool trains_on(const struct walk *k, const struct window *w) {
    return !w->inner_ended && w->excluded_row < EXCLUDED_MAX &&
           (k->options.trials == 0 ||
            w->asked - w->excluded < k->options.trials);
}

static bool ask_train(const struct walk *k, struct window *w,
                      struct point *out) {
    if (trains_on(k, w)) {
        if (search_ask(w->inner, out))
            return true;
        w->inner_ended = w->told == w->asked; /* else it may wait for tells */
    }
    if (!trains_on(k, w) && w->told == w->asked)
        enter(k, w, VALIDATION);
    return false;
}

static bool ask_validation(struct window *w, struct point *out) {
    if (w->asked == w->found)
        return false;
    *out = w->best[w->asked].point;
    return true;
}

static bool ask_test(struct window *w, struct point *out) {
    if (w->asked == 1)
        return false;
    *out = w->best[w->chosen].point;
    return true;
}

static bool ask_window(const struct walk *k, struct window *w,
                       struct point *out) {
    bool got = false;
    if (w->stage == TRAIN)
        got = ask_train(k, w, out);
    if (w->stage == VALIDATION)
        got = ask_validation(w, out);
    if (w->stage == TEST && !got)
        got = ask_test(w, out);
    w->asked += got;
    return got;
}

static bool walk_ask(struct search *s, struct point *out) {
    struct walk *k = (struct walk *)s;
    for (int32_t i = 0; i < k->options.windows; i++) {
        int32_t at = k->turn;
        k->turn = (at + 1) % k->options.windows;
        if (ask_window(k, &k->windows[at], out)) {
            put_stage(k, at, k->windows[at].stage, out);
            return true;
        }
    }
    return false;
}

/* ---- scores ---------------------------------------------------------------*/

/* Among equals the earlier one is better. */
static void keep_best(const struct walk *k, struct window *w,
                      const struct point *p, double score) {
    int32_t at = w->found;
    if (isnan(score))
        return;
    while (at > 0 && score > w->best[at - 1].score)
        at--;
    if (at == k->options.keep)
        return;
    if (w->found < k->options.keep)
        w->found++;
    memmove(&w->best[at + 1], &w->best[at],
            (size_t)(w->found - at - 1) * sizeof *w->best);
    w->best[at] = (struct candidate){*p, score};
}

static bool same(const struct point *a, const struct point *b) {
    for (int32_t i = 0; i < a->count; i++) {
        const struct value *x = &a->value[i], *y = &b->value[i];
        if (x->kind != y->kind || x->choice != y->choice ||
            (x->choice < 0 && x->kind != VALUE_NONE && x->number != y->number))
            return false;
    }
    return true;
}

static void tell_validation(const struct walk *k, struct window *w,
                            const struct point *p, double score, bool holds) {
    int32_t i = 0;
    while (i < w->found - 1 && !same(&w->best[i].point, p))
        i++;
    bool better = holds == w->chosen_holds
                      ? score > w->chosen_score ||
                            (score == w->chosen_score && i < w->chosen)
                      : holds && !isnan(score);
    if (better) {
        w->chosen = i;
        w->chosen_holds = holds;
        w->chosen_score = score;
    }
    if (w->told == w->found)
        enter(k, w, TEST);
}

/* Whether a point is of another time and takes part; it was not asked here. */
static bool takes_known(struct window *w, const struct point *p) {
    if (stage_of(p) != TRAIN || !search_is_adaptive(w->inner))
        return false;
    w->asked++;
    return true;
}

static void walk_tell(struct search *s, const struct point *p,
                      const bt_verdict *v) {
    struct walk *k = (struct walk *)s;
    bool holds = v->violation == 0;
    struct window *w = window_of(k, p);
    struct point inner;
    inner_point(p, &inner);
    if (s->asked == 0 && !takes_known(w, p))
        return;
    w->told++;
    if (w->stage == TRAIN) {
        w->excluded_row = 0;
        search_judge(w->inner, &inner, v);
        if (holds && v->steps == 0)
            keep_best(k, w, &inner, v->score[0]);
    } else if (w->stage == VALIDATION) {
        tell_validation(k, w, &inner, v->score[0], holds);
    } else {
        w->stage = OVER;
    }
}

static void walk_excluded(struct search *s, const struct point *p) {
    struct walk *k = (struct walk *)s;
    struct window *w = window_of(k, p);
    struct point inner;
    inner_point(p, &inner);
    w->told++;
    w->excluded++;
    w->excluded_row++;
    search_exclude(w->inner, &inner);
}

/* ---- the whole ------------------------------------------------------------*/

/* Trials of train of one window. */
static int32_t group(const struct search *s, const struct point *p) {
    (void)s;
    if (stage_of(p) != TRAIN)
        return -1;
    return (int32_t)p->value[p->count - EXTRA].number;
}

static double walk_total(const struct search *s) {
    const struct walk *k = (const struct walk *)s;
    double train = search_total(k->windows[0].inner);
    double limit = (double)k->options.trials;
    if (limit > 0 && (train < 0 || limit < train))
        train = limit;
    if (train < 0)
        return -1;
    double validated = k->options.validation ? k->options.keep : 0;
    return k->options.windows * (train + fmin(validated, train) + 1);
}

static void walk_free(struct search *s) {
    struct walk *k = (struct walk *)s;
    for (int32_t i = 0; i < k->options.windows; i++) {
        search_free(k->windows[i].inner);
        free(k->windows[i].best);
    }
    free(k->windows);
    free(k);
}

static const struct search_kind walk_kind = {
    .adaptive = true,
    .ask = walk_ask,
    .tell = walk_tell,
    .excluded = walk_excluded,
    .total = walk_total,
    .group = group,
    .free = walk_free,
};

/* The seed of a window's search is that of the options plus its position: the
 * first window's is the one a search alone would have. */
static bt_status open_window(const struct walk *k, int32_t at,
                             struct window *w) {
    struct search_options o = *k->options.inner;
    o.seed += (uint64_t)at;
    if (o.kind == BT_SEARCH_LATIN && o.max_trials == 0)
        o.max_trials = k->options.trials;
    w->best = mem_zalloc((size_t)k->options.keep, sizeof *w->best);
    w->chosen_score = -INFINITY;
    return search_new(k->options.space, &o, &w->inner);
}

bt_status walk_new(const struct walk_options *o, struct search **out) {
    struct walk *k = mem_zalloc(1, sizeof *k);
    bt_status status = BT_OK;
    k->base.kind = &walk_kind;
    k->options = *o;
    k->windows = mem_zalloc((size_t)o->windows, sizeof *k->windows);
    for (int32_t i = 0; status == BT_OK && i < o->windows; i++)
        status = open_window(k, i, &k->windows[i]);
    if (status != BT_OK)
        walk_free(&k->base);
    else
        *out = &k->base;
    return status;
}

void walk_describe(const struct walk_options *o, struct buf *out) {
    buf_printf(out, "walk(windows=%d,trials=%lld,keep=%d,validation=%d,",
               o->windows, (long long)o->trials, o->keep, o->validation);
    search_options_describe(o->inner, out);
    buf_chr(out, ')');
}

bt_status bt_search_walk_new(const bt_space *space,
                             const bt_search_options *search, int32_t windows,
                             double trials, int32_t keep, int32_t validation,
                             bt_search_options **out) {
    if (windows < 1 || windows > BT_WALK_MAX)
        return fail(BT_E_RANGE, "a walk has 1..%d windows, got %d", BT_WALK_MAX,
                    windows);
    if (keep < 1 || keep > BT_WALK_KEEP_MAX)
        return fail(BT_E_RANGE,
                    "1..%d candidates of a window can be validated, got %d",
                    BT_WALK_KEEP_MAX, keep);
    if (!(trials >= 0 && trials <= INT32_MAX))
        return fail(BT_E_RANGE,
                    "the trials of a window must be 0 (all) .. %d, got %g",
                    INT32_MAX, trials);
    bt_search_options *o = mem_alloc(sizeof *o);
    search_options_init(o, BT_SEARCH_WALK);
    o->walk = (struct walk_options){.space = space,
                                    .inner = search,
                                    .trials = (int64_t)trials,
                                    .windows = windows,
                                    .keep = keep,
                                    .validation = validation != 0};
    *out = o;
    return BT_OK;
}
