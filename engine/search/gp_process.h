/* A Gaussian process that follows a search: its parameters are fitted as the
 * trials come. */
#ifndef BT_SEARCH_GP_PROCESS_H
#define BT_SEARCH_GP_PROCESS_H

#include "search/gp_model.h"
#include "search/sampler.h"

enum gp_climb { CLIMB_NONE, CLIMB_ON /* from the last */, CLIMB_ANEW };

struct gp_process {
    struct gp_model model; /* all trials */
    struct gp_model draft; /* those of when the climbs began */
    struct gp_params fitted;
    double density;  /* of them over the draft, in logarithms */
    bool noisy;      /* the noise is fitted, too */
    bool ever, news; /* fitted; trials came since the draft */
    enum gp_climb climb;
    struct gp_ascent ascent;
    double anew_at; /* trials when one began from all ones */
};

void gp_process_init(struct gp_process *p, const struct cube *cube, bool noisy);
void gp_process_fini(struct gp_process *p);
/* Nothing is known any more. */
void gp_process_forget(struct gp_process *p);
/* Evaluations that an ask pays for at n trials, when the search has so many
 * processes; `turn`: it is this one's turn, should they have to take turns. */
int32_t gp_process_pays(int64_t n, int32_t processes, bool turn);
/* Follows trials rows [n] with values y [n]; `news`: some were told since the
 * last call. There is room for those that wait, too. */
void gp_process_follow(struct gp_process *p, const struct sampler *s,
                       const int64_t *rows, int64_t n, const double *y,
                       bool news, int32_t evaluations);

#endif
