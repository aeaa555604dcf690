/* A plain row, in place; see quick.c. */
#ifndef BT_STORE_QUICK_H
#define BT_STORE_QUICK_H

#include "store/parse.h"

/* The row at s into row, whose origin is set, and its symbol into p->series.
 * Returns behind its line feed, NULL when it is not plain. */
const char *quick_row(struct parser *p, const char *s, struct row *row);

#endif
