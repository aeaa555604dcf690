/* What the rows of a file have in common; see pattern.c. */
#ifndef BT_STORE_PATTERN_H
#define BT_STORE_PATTERN_H

#include "store/layout.h"

#include <stdbool.h>
#include <stdint.h>

enum { PATTERN_BYTES = 64, PATTERN_PAIRS = 4 };

/* Two numbers, or one twice. */
struct pattern_pair {
    uint32_t role[2], end[2];
    uint64_t whole[2], part[2]; /* of the eight bytes before end */
    double power[2];
};

struct pattern {
    bool fit;        /* the file's columns can have one */
    uint32_t length; /* bytes of a row before its last cell; 0: not known */
    uint32_t date, date_end;
    int numbers;
    struct pattern_pair pair[PATTERN_PAIRS];
    unsigned char text[PATTERN_BYTES], above[PATTERN_BYTES];
};

void pattern_init(struct pattern *t, const struct layout *l);
/* From the row at s, which is a plain one; lengths: of its cells. */
void pattern_learn(struct pattern *t, const struct layout *l, const char *s,
                   const uint32_t *lengths);
/* The numbers of the row at s before its last cell into v. False: it is of
 * another pattern, and this one is forgotten. PATTERN_BYTES are readable at s.
 */
bool pattern_read(struct pattern *t, const char *s, double v[5]);

#endif
