/* Overnight jumps that look like splits; see jump.c. */
#ifndef BT_STORE_JUMP_H
#define BT_STORE_JUMP_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jump {
    char symbol[65];
    int32_t day;          /* of the bar behind it */
    double before, after; /* close and open */
    double ratio;         /* new shares for an old one */
};

enum { JUMP_KEPT = 10 };

/* Those found, the first ones kept. */
struct jump_list {
    int64_t count;
    struct jump list[JUMP_KEPT];
};

/* The bar before, of one series. */
struct jump_watch {
    double close; /* of the bar before, 0: none */
    int32_t session;
};

/* The ratio of a split that the prices suggest, 0: none. */
double jump_ratio(double close, double open);
void jump_keep(struct jump_list *l, const char *symbol, int32_t day,
               double before, double after, double ratio);

#endif
