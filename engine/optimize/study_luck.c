/* The luck of a study.
 *
 * Only returns of one length can stand beside each other: those as long as the
 * best trial's. Of more than there is room for a sample is taken, by the
 * remainder of a keyed draw a trial, so that it depends on numbers alone; the
 * best is always in it. A cohort that was filled while the study was computed
 * is taken as it is where it holds the same trials; else they are read. Cost:
 * O(trials), or reading each series once.
 */
#include "base/mem.h"
#include "base/rng.h"
#include "base/status.h"
#include "optimize/cohort.h"

#include <stdlib.h>

struct pick {
    uint64_t priority;
    int32_t number;
};

static int32_t number_at(bt_study *s, int32_t position) {
    bt_trial t;
    bt_study_trial(s, position, &t);
    return t.number;
}

/* ---- read ---------------------------------------------------------------- */

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
        struct rng rng;
        int32_t number = number_at(s, i);
        if (bt_study_periods(s, number) != periods)
            continue;
        rng_key(&rng, 0, "matrix", (uint64_t)number);
        uint64_t priority = number == best ? 0 : rng_u64(&rng) | 1;
        out[found++] = (struct pick){priority, number};
    }
    return found;
}

static bt_status read_picks(bt_study *s, const struct pick *picks,
                            int32_t count, int32_t periods, bt_cohort *c) {
    double *row = mem_alloc((size_t)periods * sizeof *row);
    bt_status status = BT_OK;
    for (int32_t i = 0; i < count && status == BT_OK; i++) {
        status = bt_study_series(s, picks[i].number, row);
        if (status == BT_OK)
            cohort_add(c, picks[i].number, row, periods, sizeof *row);
    }
    free(row);
    return status;
}

/* All of that length, or a sample. */
static bt_status read_all(bt_study *s, int32_t periods, int32_t best,
                          bt_cohort *c) {
    int32_t room = cohort_room(c, periods);
    struct pick *picks = mem_alloc((size_t)bt_study_count(s) * sizeof *picks);
    int32_t count = find_picks(s, periods, best, picks);
    if (count > room) {
        qsort(picks, (size_t)count, sizeof *picks, by_priority);
        count = room;
        qsort(picks, (size_t)count, sizeof *picks, by_number);
    }
    cohort_clear(c);
    bt_status status = read_picks(s, picks, count, periods, c);
    free(picks);
    return status;
}

/* ---- what came while it was computed ------------------------------------- */

/* Its trials are those of that length, all of them. */
static bool is_all(const bt_cohort *c, bt_study *s, int32_t periods) {
    int32_t k = 0;
    for (int32_t i = 0; i < bt_study_count(s); i++) {
        int32_t number = number_at(s, i);
        if (bt_study_periods(s, number) != periods)
            continue;
        if (k == c->trials || c->number[k] != number)
            return false;
        k++;
    }
    return k == c->trials;
}

/* ---- its luck ------------------------------------------------------------ */

static int32_t place_of(const bt_cohort *c, int32_t number) {
    int32_t k = 0;
    while (c->number[k] != number)
        k++;
    return k;
}

static bt_status luck_of(bt_study *s, const bt_cohort *c, int32_t best,
                         double tried, double periods_per_year, uint64_t seed,
                         bt_luck *out) {
    double *row = mem_alloc((size_t)c->periods * sizeof *row);
    bt_status status = bt_study_series(s, best, row);
    for (int32_t i = 0; i < c->periods; i++)
        row[i] -= c->less;
    if (status == BT_OK)
        status = cohort_luck(c, place_of(c, best), row, tried, periods_per_year,
                             seed, out);
    free(row);
    return status;
}

bt_status bt_study_luck(bt_study *s, bt_cohort *c, double tried,
                        double periods_per_year, uint64_t seed, bt_luck *out) {
    int32_t at = bt_study_best(s);
    if (at < 0)
        return fail(BT_E_RANGE, "no trial came to a score");
    int32_t best = number_at(s, at), periods = bt_study_periods(s, best);
    if (periods < 2)
        return fail(BT_E_RANGE, "no returns were kept");
    if (c->periods != periods || !is_all(c, s, periods))
        TRY(read_all(s, periods, best, c));
    return luck_of(s, c, best, tried, periods_per_year, seed, out);
}
