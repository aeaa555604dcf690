/* How a process keeps up with the trials.
 *
 * Parameters are fitted by climbs over a draft, the trials as of when the climb
 * began: one from the last parameters, then, when no trials came meanwhile or
 * they are ANEW_EACH as many as the last time, one from all ones, which takes
 * over when it ends higher. An ask pays for so many evaluations of the density,
 * n^3/2 each, as WORK is worth: at 90 trials that is both climbs whole, at 300
 * two evaluations, and the climb goes on at the next ask. So no ask is much
 * dearer than the next. What the first climb has reached counts at once. Two
 * processes of one search share the work, and take turns where a share would be
 * less than LEAST_EVALUATIONS.
 *
 * A climb never changes its trials on the way: what it learnt of the curvature
 * would be wrong (measured: 10 to 30 of log density lost at 150 trials).
 */
#include "search/gp_process.h"

enum { LEAST_EVALUATIONS = 2, MOST_EVALUATIONS = 200 /* of an ask */ };
enum { ON_DIRECTIONS = 15, ANEW_DIRECTIONS = 100 };
#define WORK 7.5e7    /* of an ask; an evaluation's is n^3 */
#define ANEW_EACH 1.1 /* times as many trials */

void gp_process_init(struct gp_process *p, const struct cube *cube,
                     bool noisy) {
    *p = (struct gp_process){.noisy = noisy};
    gp_model_init(&p->model, cube);
    gp_model_init(&p->draft, cube);
}

void gp_process_fini(struct gp_process *p) {
    gp_model_fini(&p->model);
    gp_model_fini(&p->draft);
}

void gp_process_forget(struct gp_process *p) {
    p->ever = false;
    p->climb = CLIMB_NONE;
}

/* ---- climbs ----------------------------------------------------------------
 */

int32_t gp_process_pays(int64_t n, int32_t processes, bool turn) {
    double paid = WORK / ((double)n * (double)n * (double)n);
    double each = paid / processes;
    if (processes > 1 && each < LEAST_EVALUATIONS && !turn)
        return 0;
    return each < LEAST_EVALUATIONS  ? LEAST_EVALUATIONS
           : each < MOST_EVALUATIONS ? (int32_t)each
                                     : MOST_EVALUATIONS;
}

/* The draft holds what the model does. */
static void copy_trials(struct gp_process *p) {
    const struct gp_model *m = &p->model;
    double x[SPACE_MAX];
    gp_model_start(&p->draft, m->n);
    for (size_t i = 0; i < m->n; i++) {
        for (int32_t j = 0; j < m->cube->dims; j++)
            x[j] = m->x[(size_t)j * m->cap + i];
        gp_model_add(&p->draft, x, m->y[i]);
    }
    p->news = false;
}

static void climb_from_last(struct gp_process *p) {
    p->climb = CLIMB_ON;
    p->draft.params = p->fitted;
    gp_ascent_start(&p->ascent, &p->draft, p->noisy);
}

static void climb_anew(struct gp_process *p) {
    p->climb = CLIMB_ANEW;
    p->anew_at = (double)p->draft.n;
    gp_params_reset(&p->draft.params, p->draft.cube);
    if (p->noisy)
        p->draft.params.noise = 1;
    gp_ascent_start(&p->ascent, &p->draft, p->noisy);
}

/* The next climb begins; false when there is none to begin. */
static bool begin(struct gp_process *p) {
    bool due = !p->news || (double)p->draft.n >= ANEW_EACH * p->anew_at;
    if (p->climb == CLIMB_ON && due) {
        climb_anew(p);
        return true;
    }
    p->climb = CLIMB_NONE;
    if (p->ever && !p->news)
        return false;
    copy_trials(p);
    if (p->ever)
        climb_from_last(p);
    else
        climb_anew(p);
    return true;
}

static bool is_over(const struct gp_process *p) {
    int32_t most = p->climb == CLIMB_ON ? ON_DIRECTIONS : ANEW_DIRECTIONS;
    return p->climb == CLIMB_NONE || p->ascent.down.over ||
           p->ascent.down.directions > most;
}

/* Takes what the climb has come to: always from the last parameters, from all
 * ones only at its end, when that is higher, and when there is nothing else. */
static void take(struct gp_process *p) {
    bool on = p->climb == CLIMB_ON || !p->ever;
    double density = gp_ascent_top(&p->ascent, &p->draft);
    if (!on && !(is_over(p) && density > p->density))
        return;
    p->fitted = p->draft.params;
    p->density = density;
    p->ever = true;
}

static void fit(struct gp_process *p, int32_t left) {
    if (!p->ever && left == 0)
        left = LEAST_EVALUATIONS;
    while (left > 0) {
        if (is_over(p) && !begin(p))
            return;
        for (; left > 0 && !is_over(p); left--)
            gp_ascent_go(&p->ascent, &p->draft);
        take(p);
    }
}

/* ---- trials ----------------------------------------------------------------
 */

void gp_process_follow(struct gp_process *p, const struct sampler *s,
                       const int64_t *rows, int64_t n, const double *y,
                       bool news, int32_t evaluations) {
    gp_model_start(&p->model, (size_t)(n + s->trials.count - s->trials.told));
    for (int64_t i = 0; i < n; i++)
        gp_model_add(&p->model, sampler_row(s, rows[i]), y[i]);
    p->news |= news;
    fit(p, evaluations);
    p->model.params = p->fitted;
    gp_model_factor(&p->model);
}
