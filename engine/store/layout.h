/* What the columns of a file are; see layout.c. */
#ifndef BT_STORE_LAYOUT_H
#define BT_STORE_LAYOUT_H

#include "base/buf.h"
#include "store/csv.h"
#include "store/stamp.h"

#include <stdbool.h>
#include <stdint.h>

/* The first five are the fields of a bar, in the order of a struct row. */
enum role {
    ROLE_OPEN,
    ROLE_HIGH,
    ROLE_LOW,
    ROLE_CLOSE,
    ROLE_VOLUME,
    ROLE_DATE, /* a date, or date and time in one */
    ROLE_TIME, /* time of day */
    ROLE_SYMBOL,
    ROLE_IGNORED,
    ROLES
};

struct layout {
    char separator;
    int columns;
    enum role role[CSV_COLUMNS];
    char *name[CSV_COLUMNS]; /* as in the header, "" when it has none */
    int at[ROLES];           /* column of a role, -1 */
    const char *shape; /* remark on rows longer than the header, or NULL */
    struct stamp_rules first; /* the rules the first date suggests */
};

/* Read the header at the start of the window and look at the rows behind it,
 * without taking them. path: for messages.
 * BT_E_DATA when there is no header that makes sense. */
bt_status layout_read(struct csv *c, const char *path, struct layout *out);
void layout_fini(struct layout *l);
/* One line for people: which column is what, what is left out. */
void layout_describe(const struct layout *l, struct buf *out);
/* "column 5 'Close'" */
void layout_column(const struct layout *l, int column, struct buf *out);

#endif
