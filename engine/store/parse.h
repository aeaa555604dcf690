/* From the text of a file to rows that are right in themselves; see parse.c. */
#ifndef BT_STORE_PARSE_H
#define BT_STORE_PARSE_H

#include "base/tz.h"
#include "store/actions.h"
#include "store/csv.h"
#include "store/layout.h"
#include "store/pattern.h"
#include "store/reject.h"
#include "store/rows.h"

struct own;

enum { PARSE_LENGTHS = 16 }; /* a power of two */

struct parser {
    const char *path;
    uint32_t file;
    struct csv *csv;
    const struct layout *layout;
    struct stamp_rules rules;
    struct rows *rows;
    struct series
        *series; /* of the row before; fixed without a symbol column */
    struct rejects *rejects;
    struct cell *cells; /* [CSV_COLUMNS] */
    double count;       /* rows seen */
    double tolerated;   /* accepted although just beyond high or low */
    double empty;       /* of dates without prices */
    double quiet;       /* with a volume that is not known */
    unsigned units;     /* bit 1 << BT_EPOCH_*: what sizes the counts had */
    bt_time day;        /* of day_text */
    char day_text[16];
    uint32_t lengths[PARSE_LENGTHS]; /* of the cells of the row before */
    bool odd;                        /* one of this row is not as long */
    struct pattern pattern;

    /* Time zone of times without an offset; NULL: UTC. */
    const tz *zone;
    bool instants;              /* the zone says only the date of an instant */
    bt_time offset;             /* of local times in [from, to) */
    bt_time zone_from, zone_to; /* local; none: from > to */

    /* Corporate actions in line: of the row, and where they go. */
    double action[2];           /* dividend, split */
    struct action_set *actions; /* NULL: nowhere */
    struct own *own;            /* further columns to keep; NULL: none */

    /* What the rows say about the mapping of prices. */
    struct proof {
        double broken;
        double worst;  /* largest share by which a price is out of order */
        uint32_t line; /* of that row */
        double v[5];
    } proof;
};

/* csv stands behind the header. series: NULL with a symbol column. */
void parse_init(struct parser *p, const char *path, uint32_t file,
                struct csv *csv, const struct layout *layout, struct rows *rows,
                struct series *series, struct rejects *rejects);
void parse_fini(struct parser *p);
/* Turn a local time into UTC; false when there is no such time. */
bool parse_localize(struct parser *p, struct row *row);
/* Take all whole records of the window. */
bt_status parse_window(struct parser *p);

/* Prices beyond high or low by no more than this share are vendors' rounding.
 */
#define PARSE_TOLERANCE 1e-6
#define PARSE_PRICE_MAX 1e15
#define PARSE_VOLUME_MAX 1e18
enum { PARSE_SYMBOLS = 100000 };

#endif
