/* The returns of a study's trials as one matrix.
 *
 * Only series of one length can stand beside each other: those as long as the
 * best trial's. Of more than there is room for a sample is taken, by the
 * remainder of a keyed draw a trial, so that it depends on numbers alone; the
 * best is always in it. Cost: reading each series once.
 */
#include "base/mem.h"
#include "base/rng.h"
#include "optimize/odds.h"

#include <stdlib.h>

struct pick {
    uint64_t priority;
    int32_t number;
};

static int by_priority(const void *a, const void *b) {
    const struct pick *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_number(const void *a, const void *b) {
    const struct pick *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* Trials with a series of this length; the best comes first in priority. */
static int32_t find_picks(bt_study *s, int32_t periods, int32_t best,
                          struct pick *out) {
    int32_t found = 0;
    for (int32_t i = 0; i < bt_study_count(s); i++) {
        bt_trial t;
        struct rng rng;
        bt_study_trial(s, i, &t);
        if (bt_study_periods(s, t.number) != periods)
            continue;
        rng_key(&rng, 0, "matrix", (uint64_t)t.number);
        uint64_t priority = t.number == best ? 0 : rng_u64(&rng) | 1;
        out[found++] = (struct pick){priority, t.number};
    }
    return found;
}

static int32_t read_picks(bt_study *s, const struct pick *picks, int32_t count,
                          int32_t periods, double *out) {
    for (int32_t i = 0; i < count; i++) {
        bt_status status =
            bt_study_series(s, picks[i].number, out + (int64_t)i * periods);
        if (status != BT_OK)
            return -(int32_t)status;
    }
    return count;
}

int32_t bt_study_matrix(bt_study *s, int32_t room, double *out, int32_t *best) {
    bt_trial t;
    int32_t at = bt_study_best(s);
    if (at < 0 || room < 1)
        return 0;
    bt_study_trial(s, at, &t);
    int32_t periods = bt_study_periods(s, t.number);
    if (periods == 0)
        return 0;
    struct pick *picks = mem_alloc((size_t)bt_study_count(s) * sizeof *picks);
    int32_t count = find_picks(s, periods, t.number, picks);
    if (count > room) {
        qsort(picks, (size_t)count, sizeof *picks, by_priority);
        count = room;
        qsort(picks, (size_t)count, sizeof *picks, by_number);
    }
    for (int32_t i = 0; i < count; i++) {
        if (picks[i].number == t.number)
            *best = i;
    }
    count = read_picks(s, picks, count, periods, out);
    free(picks);
    return count;
}
