/* Which trials are good; see tpe_split.c. */
#ifndef BT_SEARCH_TPE_SPLIT_H
#define BT_SEARCH_TPE_SPLIT_H

#include "search/sampler.h"

enum { SPLIT_BEST = 25 };

struct split {
    int64_t best[SPLIT_BEST]; /* of one objective: rows, the best first */
    int32_t count;
};

/* The verdict of a row came in. */
void split_learn(struct split *b, const struct sampler *s, int64_t row);
/* side [trials.count]: 1 for the good ones, 0 for the others. Returns how many
 * are good. */
int64_t split_mark(const struct split *b, const struct sampler *s,
                   unsigned char *side);

#endif
