/* Parameters of trials by rank, which no unit and no scale can change. */
#ifndef BT_OPTIMIZE_RANKS_H
#define BT_OPTIMIZE_RANKS_H

#include <stdint.h>

struct ranks {
    int32_t trials, params;
    int32_t *level;  /* [trials * params] position among the distinct values */
    int32_t *levels; /* [params] how many distinct values there are */
};

/* x [trials * params], finite. */
void ranks_init(struct ranks *r, const double *x, int32_t trials,
                int32_t params);
void ranks_fini(struct ranks *r);
/* Level of parameter p in trial t. */
static inline int32_t ranks_level(const struct ranks *r, int32_t t, int32_t p) {
    return r->level[(int64_t)t * r->params + p];
}

#endif
