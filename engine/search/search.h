/* Where to look next: ask and tell, knowing nothing of strategies.
 *
 * A search hands out points with ascending numbers 1, 2, ... and is told their
 * scores in the same order (larger is better; NaN for anything but a number).
 * Its stream of points depends on (space, options, seed, tells in order) alone.
 * A search that never looks at scores says so (adaptive = 0), and then may be
 * asked ahead without limit.
 */
#ifndef BT_SEARCH_SEARCH_H
#define BT_SEARCH_SEARCH_H

#include "search/space.h"

#include <stdbool.h>
#include <stdint.h>

struct search;

struct search_options {
    int32_t kind; /* BT_SEARCH_* */
    uint64_t seed;
    int64_t max_trials; /* points to hand out; 0 = the search's own end */
};

bt_status search_new(const bt_space *space, const struct search_options *o,
                     struct search **out);
void search_free(struct search *s);
bool search_is_adaptive(const struct search *s);
/* Next point; false when there is none left. */
bool search_ask(struct search *s, struct point *out);
void search_tell(struct search *s, const struct point *p, double score);
/* Points it will hand out, -1 when not known beforehand. */
double search_total(const struct search *s);

#endif
