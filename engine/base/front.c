/* Non-dominated sorting.
 *
 * Points are taken from the largest first coordinate on (ties: the next one),
 * so that none is dominated by a later one, and each joins the first front that
 * holds nothing that dominates it. Fronts are nested (whatever dominates a
 * member of front k is dominated from front k - 1), so that front is found by
 * bisection. In two objectives the newest member of a front has the largest
 * second coordinate of it and speaks for all; in one they are all equal.
 *
 * Source: Zhang, Tian, Cheng, Jin 2015, IEEE Trans. Evol. Comp. 19(2), ENS-BS.
 * Cost: O(n log n) for m <= 2, at most O(m n^2), 32 bytes a point. Of the first
 * front alone for m > 2: at most O(m n k), k being its members.
 */
#include "base/front.h"

#include "base/mem.h"

#include <stdlib.h>

struct member {
    const double *x;
    int32_t m;
    int32_t before; /* position of the front's one before, -1 = none */
};

bool front_dominates(const double *a, const double *b, int32_t m) {
    bool better = false;
    for (int32_t i = 0; i < m; i++) {
        if (a[i] < b[i])
            return false;
        better = better || a[i] > b[i];
    }
    return better;
}

static int best_first(const void *a, const void *b) {
    const struct member *p = a, *q = b;
    for (int32_t i = 0; i < p->m; i++) {
        if (p->x[i] != q->x[i])
            return p->x[i] > q->x[i] ? -1 : 1;
    }
    return (p->x > q->x) - (p->x < q->x); /* the order given */
}

/* Some member of the front that ends at `at` dominates p. */
static bool beats(const struct member *all, int32_t at,
                  const struct member *p) {
    while (at >= 0) {
        if (front_dominates(all[at].x, p->x, p->m))
            return true;
        at = p->m <= 2 ? -1 : all[at].before;
    }
    return false;
}

static int32_t find(const struct member *all, const int32_t *last,
                    int32_t fronts, const struct member *p) {
    int32_t low = 0, high = fronts;
    while (low < high) {
        int32_t middle = (low + high) / 2;
        if (beats(all, last[middle], p))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct member *members_new(const double *x, size_t n, int32_t m) {
    struct member *all = mem_alloc((n + 1) * sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct member){.x = x + i * (size_t)m, .m = m, .before = -1};
    qsort(all, n, sizeof *all, best_first);
    return all;
}

void front_first(const double *x, size_t n, int32_t m, bool *first) {
    struct member *all = members_new(x, n, m);
    int32_t last = -1;
    for (size_t i = 0; i < n; i++) {
        bool joins = !beats(all, last, &all[i]);
        first[(size_t)(all[i].x - x) / (size_t)m] = joins;
        if (joins) {
            all[i].before = last;
            last = (int32_t)i;
        }
    }
    free(all);
}

int32_t front_sort(const double *x, size_t n, int32_t m, int32_t *rank) {
    struct member *all = members_new(x, n, m);
    int32_t *last = mem_alloc((n + 1) * sizeof *last), fronts = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t at = find(all, last, fronts, &all[i]);
        if (at == fronts)
            last[fronts++] = -1;
        all[i].before = last[at];
        last[at] = (int32_t)i;
        rank[(size_t)(all[i].x - x) / (size_t)m] = at;
    }
    free(last);
    free(all);
    return fronts;
}
