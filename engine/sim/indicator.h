/* Indicators over the columns of a portal; see indicator.c, follow.c. */
#ifndef BT_SIM_INDICATOR_H
#define BT_SIM_INDICATOR_H

#include "portal/cache.h"
#include "portal/portal.h"
#include "sim/ta.h"

/* A request that is checked. */
struct indicator_request {
    struct portal *portal;
    const struct ta_kernel *kernel;
    int32_t sid, field;
    int32_t other, other_field;
    int32_t adjust;                   /* BT_ADJUST_* */
    double params[TA_PARAMS_MAX + 2]; /* then, for a second series, which */
    int32_t param_count;
};

/* Gives a column that a kernel reads. */
typedef bt_status indicator_column(void *ctx, int32_t sid, int32_t field,
                                   const double **out);
/* One of them: as quoted, ctx is the portal. BT_E_IO */
bt_status indicator_as_quoted(void *ctx, int32_t sid, int32_t field,
                              const double **out);
/* All that the kernel reads but in->n and in->session. errors of column */
bt_status indicator_input(const struct indicator_request *r,
                          indicator_column *column, void *ctx,
                          struct ta_input *in);
/* Numbers of the first n rows' sessions, to be freed; NULL unless they are
 * read. */
double *indicator_sessions(const struct indicator_request *r, int32_t n);
/* Key of a series; `more` and params [count] tell it from others. */
void indicator_key(const struct indicator_request *r, const char *more,
                   const double *params, int32_t count, struct cache_key *key);

/* Over columns as quoted: [outputs][rows], borrowed from the portal. BT_E_IO */
bt_status indicator_quoted(const struct indicator_request *r,
                           const double **out);
/* Over columns as of the cursor: see bt_portal_indicator. */
bt_status indicator_follow(const struct indicator_request *r,
                           bt_handle *const *handles);

#endif
