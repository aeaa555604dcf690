/* What the files of the usual sources look like; see format.c. */
#ifndef BT_STORE_FORMAT_H
#define BT_STORE_FORMAT_H

#include "base/buf.h"
#include "store/csv.h"
#include "store/names.h"

#include <stdint.h>

enum quirk {
    QUIRK_NULLS = 1,      /* rows whose prices are empty or "null": no bar */
    QUIRK_NO_VOLUME = 2,  /* a volume of "", "-", "N/A" or -1 is not known */
    QUIRK_DECORATED = 4,  /* $12.50, 1,234.5, 190.28M */
    QUIRK_WHOLE = 8,      /* prices are multiplied when all are whole */
    QUIRK_WIDE = 16,      /* three header lines, several symbols in a row */
    QUIRK_SYMBOL_UP = 32, /* file names are lower case, symbols are not */
    QUIRK_SYMBOL_CUT = 64 /* EURUSD-1m-2024-01, DAT_MT_EURUSD_M1_2024 */
};
enum {
    FORMAT_BARS,
    FORMAT_FACTORS,
    FORMAT_MAP,
    FORMAT_SPLITS,
    FORMAT_CASH,
    FORMAT_MERGERS,
    FORMAT_DELISTINGS,
    FORMAT_RENAMES
};

struct format {
    const char *name;    /* for --format */
    const char *title;   /* for people */
    const char *header;  /* see format_table.c; NULL: has none */
    const char *shape;   /* classes of the cells of a row, without header */
    const char *columns; /* then: roles of its columns */
    const char *zone;    /* of times without an offset; format_table.c */
    int32_t stamp;       /* BT_STAMP_*; FORMAT_ASK: must be said */
    int32_t order;       /* BT_DATES_* where no row shows it */
    int32_t adjusted;    /* BT_ADJUSTED_* */
    int32_t divisor;     /* of whole prices; 0: none */
    unsigned quirks;
    int32_t kind;
};
enum { FORMAT_ASK = -1 };

extern const struct format format_list[];
extern const int format_count;

/* BT_E_NAME with the nearest. */
bt_status format_find(const char *name, const struct format **out);
/* Does the format's header fit these plain names? roles[n]: what they are. */
bool format_fits(const struct format *f, char (*names)[NAMES_PLAIN], int n,
                 enum role *roles);
/* The format of a header, NULL when no signature fits. */
const struct format *format_of_header(char (*names)[NAMES_PLAIN], int n,
                                      enum role *roles);
/* The class of a cell: S 1/31/2012, D 2012.01.31, C 13:30, K 20120131 133000, L
 * 20120131 13:30, Y 20120131, E a count since 1970, m a whole number below a
 * day's milliseconds, n another number, x anything else. */
char format_class(const char *s, size_t n);
/* Does a row of these classes belong to the format? */
bool format_has_shape(const struct format *f, const char *classes);

#endif
