/* Bad rows: all counted, the first ones kept as text. */
#ifndef BT_STORE_REJECT_H
#define BT_STORE_REJECT_H

#include "backlua.h"

#include <stddef.h>
#include <stdint.h>

enum { REJECT_KEPT = 20, REJECT_VALUE = 60 };

struct reject {
    uint32_t file, line;
    char *text;
};

/* The kept ones are those first by file and line, in that order, whatever the
 * order in which they are found. */
struct rejects {
    double count;
    int kept;
    struct reject list[REJECT_KEPT];
};

void rejects_init(struct rejects *r);
void rejects_fini(struct rejects *r);
/* where: "a.csv:7: column 5 'Close'"; value: shown cut to REJECT_VALUE bytes.
 */
void rejects_add(struct rejects *r, uint32_t file, uint32_t line,
                 const char *where, const char *value, size_t n,
                 const char *why);

#endif
