/* What a study came to: its best, its front, its hash.
 *
 * Only trials that are DONE compete. With one objective the best is the first
 * of the largest scores; with several there is a front (base/front.c). The hash
 * is over what does not depend on workers, time or interruptions, in the layout
 * of spec/golden/STUDY_HASH.md.
 */
#include "store/study_parts.h"

#include "base/digest.h"
#include "base/front.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* +1 or -1 for an objective, so that larger is better. */
static double sign_of(bt_study *s, int32_t objective) {
    const char *words = bt_study_meta(s, "higher_is_better");
    for (int32_t i = 0; words && *words; words++) {
        if (*words == ' ')
            i++;
        else if (i == objective)
            return *words == '0' ? -1 : 1;
    }
    return 1;
}

/* Position of the trial that was chosen instead of the best score, or -1. */
static int32_t chosen(bt_study *s) {
    const char *number = bt_study_meta(s, BT_STUDY_CHOSEN);
    int32_t at =
        number ? bt_study_find(s, (int32_t)strtol(number, NULL, 10)) : -1;
    bool counts = at >= 0 && s->entry[at]->trial.state == BT_TRIAL_DONE;
    return counts ? at : -1;
}

int32_t bt_study_best(bt_study *s) {
    int32_t other = chosen(s);
    return other >= 0 ? other : bt_study_top(s);
}

int32_t bt_study_top(bt_study *s) {
    double sign = sign_of(s, 0);
    int32_t best = -1;
    for (size_t i = 0; i < s->count; i++) {
        const bt_trial *t = &s->entry[i]->trial;
        if (t->state != BT_TRIAL_DONE || isnan(t->score))
            continue;
        if (t->more_count > 0)
            return -1;
        if (best < 0 || sign * t->score > sign * s->entry[best]->trial.score)
            best = (int32_t)i;
    }
    return best;
}

/* ---- the front ----------------------------------------------------------- */

static size_t competing(const bt_study *s, int32_t *positions) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        const bt_trial *t = &s->entry[i]->trial;
        if (t->state == BT_TRIAL_DONE && t->duplicate_of == 0)
            positions[n++] = (int32_t)i;
    }
    return n;
}

/* x [n][objectives], larger is better. */
static double *scores_of(bt_study *s, const int32_t *positions, size_t n,
                         int32_t objectives) {
    size_t m = (size_t)objectives;
    double sign[BT_OBJECTIVES_MAX] = {0},
           *x = mem_alloc((n * m + 1) * sizeof *x);
    for (int32_t j = 0; j < objectives; j++)
        sign[j] = sign_of(s, j);
    for (size_t i = 0; i < n; i++) {
        const bt_trial *t = &s->entry[positions[i]]->trial;
        x[i * m] = sign[0] * t->score;
        for (size_t j = 1; j < m; j++)
            x[i * m + j] = sign[j] * t->more[j - 1];
    }
    return x;
}

int32_t bt_study_front(bt_study *s, int32_t *out, int32_t room) {
    int32_t *positions = mem_alloc((s->count + 1) * sizeof *positions);
    size_t n = competing(s, positions);
    int32_t objectives =
        n > 0 ? 1 + s->entry[positions[0]]->trial.more_count : 1;
    double *x = scores_of(s, positions, n, objectives);
    bool *first = mem_alloc((n + 1) * sizeof *first);
    int32_t found = 0;
    front_first(x, n, objectives, first);
    for (size_t i = 0; i < n; i++) {
        if (!first[i])
            continue;
        if (found < room)
            out[found] = positions[i];
        found++;
    }
    free(first);
    free(x);
    free(positions);
    return found;
}

/* ---- the hash ------------------------------------------------------------ */

/* Trials that have more to say than one score. */
static bool is_plain(const bt_study *s) {
    for (size_t i = 0; i < s->count; i++) {
        const bt_trial *t = &s->entry[i]->trial;
        if (t->more_count > 0 || t->step_count > 0)
            return false;
    }
    return true;
}

/* True when the inputs changed before this trial; *epochs: the first trials of
 * the epochs that are not reached yet, as text. */
static bool begins_epoch(const char **epochs, int32_t number) {
    bool begins = false;
    while (*epochs && **epochs) {
        char *after;
        if (strtol(*epochs, &after, 10) > number)
            break;
        begins = true;
        *epochs = *after == ',' ? after + 1 : after;
    }
    return begins;
}

static void digest_list(struct digest *d, const double *v, int32_t n) {
    digest_i64(d, n);
    for (int32_t i = 0; i < n; i++)
        digest_f64(d, v[i]);
}

static void digest_trial(struct digest *d, const bt_trial *t, bool plain) {
    digest_i64(d, t->number);
    digest_str(d, t->params);
    digest_str(d, bt_trial_state_name(t->state));
    digest_f64(d, t->score);
    if (!plain) {
        digest_list(d, t->more, t->more_count);
        digest_list(d, t->steps, t->step_count);
    }
    digest_str(d, t->hash);
}

void bt_study_hash(bt_study *s, char *out) {
    uint8_t sha[DIGEST_BYTES];
    struct digest *d = digest_new();
    bool plain = is_plain(s);
    const char *epochs = bt_study_meta(s, "epochs");
    digest_str(d, plain ? "backlua study 1" : "backlua study 2");
    for (size_t i = 0; i < s->count; i++) {
        const bt_trial *t = &s->entry[i]->trial;
        if (begins_epoch(&epochs, t->number))
            digest_str(d, "epoch");
        digest_trial(d, t, plain);
    }
    digest_end(d, sha);
    digest_free(d);
    digest_hex(sha, out);
}
