/* What the columns of a file are; see layout.c. */
#ifndef BT_STORE_LAYOUT_H
#define BT_STORE_LAYOUT_H

#include "base/buf.h"
#include "store/csv.h"
#include "store/format.h"
#include "store/names.h"
#include "store/stamp.h"

#include <stdbool.h>
#include <stdint.h>

/* What the user said about the columns. */
struct layout_wish {
    const struct format *format; /* --format, NULL */
    const char *map;             /* --map, NULL */
    const char *columns;         /* --columns, NULL */
    int group;                   /* of a file with several symbols in a row */
    bt_time day;                 /* from the file's name; STAMP_NONE */
};

struct layout {
    char separator;
    int columns;
    enum role role[CSV_COLUMNS];
    char *name[CSV_COLUMNS]; /* as in the header, "" when it has none */
    int at[ROLES];           /* column of a role, -1 */
    const char *shape; /* remark on rows longer than the header, or NULL */
    struct stamp_rules first; /* the rules the first date suggests */

    const struct format *format; /* NULL: columns known by their names */
    bool headerless;             /* the first line is a row */
    bool clocked;                /* dates come with times of day */
    bool utc;                    /* whose column is called time_utc or so */
    bool mapped;                 /* by --map, --columns or --format */
    int notices;                 /* lines above the header */
    char *group[CSV_COLUMNS]; /* symbol of a column of a wide file, or NULL */
    int groups;               /* distinct symbols among them */
    unsigned quirks;          /* QUIRK_* */
    /* Prices that several fields share, and the scale of prices. */
    struct {
        uint8_t from, to;
    } copy[4];
    int copies;
    double divisor, factor; /* prices / divisor * factor */
    bool special;           /* copies or scale */
    int32_t decimal;   /* BT_DECIMAL_*: the sign of numbers; AUTO: a point, and
                        nothing groups thousands */
    bool newest_first; /* so the first rows are */
};

/* Read the header at the start of the window and look at the rows behind it,
 * without taking them. path: for messages.
 * BT_E_DATA when there is no header that makes sense, BT_E_USAGE when a flag
 * must say which of several readings is right. */
bt_status layout_read(struct csv *c, const char *path,
                      const struct layout_wish *wish, struct layout *out);
void layout_fini(struct layout *l);
/* Scale prices by divisor and factor. */
void layout_scale(struct layout *l, double divisor, double factor);
/* Copies and scale, applied to the prices of a row. */
static inline void layout_finish(const struct layout *l, double v[5]) {
    for (int i = 0; i < l->copies; i++)
        v[l->copy[i].to] = v[l->copy[i].from];
    for (int i = 0; i < ROLE_VOLUME; i++)
        v[i] = v[i] / l->divisor * l->factor;
}
/* The i-th distinct symbol of a wide file. Borrowed. */
const char *layout_group(const struct layout *l, int i);
/* One line for people: which column is what, what is left out. */
void layout_describe(const struct layout *l, struct buf *out);
/* "column 5 'Close'" */
void layout_column(const struct layout *l, int column, struct buf *out);
/* "'Date', 'Open', ..." */
void layout_names(const struct layout *l, struct buf *out);

/* --map: "close=Last,volume=-1" changes l->at.
 * BT_E_USAGE for what is no role, BT_E_NAME for what is no column. */
bt_status mapping_apply(const char *text, const char *path, struct layout *l);
/* Is the role among those of a --map? */
bool mapping_has(const char *text, enum role role);

#endif
