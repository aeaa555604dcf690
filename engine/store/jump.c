/* A stock that splits 4:1 opens at a quarter of its last close.
 *
 * A jump is suspicious when close / open lies within 4 % of a ratio that
 * companies use: whole numbers, 3:2 not (a price falls by a third now and then
 * without a split), and their inverses. Real news can look the same, so this is
 * a warning with the line that splits.csv would need, never a change.
 */
#include "store/jump.h"

#include <stdio.h>

static const double ratios[] = {2,  3,  4,  5,  6,  7,  8,  9,  10,
                                12, 15, 20, 25, 30, 40, 50, 100};
enum { RATIOS = sizeof ratios / sizeof *ratios };
#define NEAR 0.04

static double whole_ratio(double x) {
    double best = 0, distance = NEAR;
    for (int i = 0; i < RATIOS; i++) {
        double d = x > ratios[i] ? x / ratios[i] - 1 : ratios[i] / x - 1;
        if (d < distance) {
            distance = d;
            best = ratios[i];
        }
    }
    return best;
}

double jump_ratio(double close, double open) {
    if (close > open)
        return whole_ratio(close / open);
    double k = whole_ratio(open / close);
    return k > 0 ? 1 / k : 0;
}

void jump_keep(struct jump_list *l, const char *symbol, int32_t day,
               double before, double after, double ratio) {
    if (l->count < JUMP_KEPT) {
        struct jump *j = &l->list[l->count];
        snprintf(j->symbol, sizeof j->symbol, "%s", symbol);
        j->day = day;
        j->before = before;
        j->after = after;
        j->ratio = ratio;
    }
    l->count++;
}
