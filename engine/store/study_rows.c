/* The series of a study side by side, as the statistics of luck want them.
 *
 * Read back when a search has ended, they are the longest thing it waits for
 * with idle workers: every value is read, checked and put on a fresh page. Laid
 * out as trials come, all of that is done beside the workers, and nothing is
 * read back. Only what is simple is laid out: series of one length, in the
 * order of the trials' numbers, none of an earlier run, none dropped, at most
 * so many values. Anything else ends it, and bt_study_matrix (matrix.c) reads.
 *
 * Invariant: row k is the series of trial number[k]. Cost: O(1) a value.
 */
#include "store/study_parts.h"

#include "base/mem.h"

#include <stdlib.h>

enum { CELLS_FIRST = 1 << 20 };

void study_rows_end(bt_study *s) {
    free(s->rows.cells);
    free(s->rows.number);
    s->rows = (struct rows){0};
}

void bt_study_lay_out(bt_study *s, int32_t most) {
    study_rows_end(s);
    s->rows.most = most > 0 ? (size_t)most : 0;
}

static bool fits(const struct rows *r, const struct entry *e) {
    size_t periods = (size_t)e->periods;
    return r->count == 0 ? periods <= r->most
                         : e->periods == r->periods &&
                               e->trial.number > r->number[r->count - 1] &&
                               (r->count + 1) * periods <= r->most;
}

void study_rows_add(bt_study *s, const struct entry *e) {
    struct rows *r = &s->rows;
    if (r->most == 0)
        return;
    if (!fits(r, e)) {
        study_rows_end(s);
        return;
    }
    size_t used = r->count * (size_t)e->periods;
    while (r->cells_cap < used + (size_t)e->periods) {
        r->cells_cap = r->cells_cap ? 2 * r->cells_cap : CELLS_FIRST;
        r->cells = mem_realloc(r->cells, r->cells_cap * sizeof *r->cells);
    }
    r->number =
        mem_grow(r->number, r->count, &r->number_cap, sizeof *r->number);
    study_widen(e->series, e, r->cells + used);
    r->periods = e->periods;
    r->number[r->count++] = e->trial.number;
}

/* Row of a trial; -1 when the rows are not those of all series of its length.
 */
static int32_t row_of(const bt_study *s, int32_t number) {
    const struct rows *r = &s->rows;
    size_t k = 0;
    int32_t row = -1;
    for (size_t i = 0; i < s->count; i++) {
        const struct entry *e = s->entry[i];
        if (e->periods != r->periods)
            continue;
        if (k == r->count || r->number[k] != e->trial.number)
            return -1;
        if (e->trial.number == number)
            row = (int32_t)k;
        k++;
    }
    return k == r->count ? row : -1;
}

const double *bt_study_laid_out(bt_study *s, int32_t room, int32_t *count,
                                int32_t *best) {
    int32_t at = bt_study_best(s);
    if (at < 0 || s->rows.count == 0 || s->rows.count > (size_t)room)
        return NULL;
    int32_t row = row_of(s, s->entry[at]->trial.number);
    if (row < 0)
        return NULL;
    *count = (int32_t)s->rows.count;
    *best = row;
    return s->rows.cells;
}
