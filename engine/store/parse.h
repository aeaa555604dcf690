/* From the text of a file to rows that are right in themselves; see parse.c. */
#ifndef BT_STORE_PARSE_H
#define BT_STORE_PARSE_H

#include "store/csv.h"
#include "store/layout.h"
#include "store/reject.h"
#include "store/rows.h"

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
    unsigned units;     /* bit 1 << BT_EPOCH_*: what sizes the counts had */
    struct row aside;   /* of a symbol not known before it is read */
    bt_time day;        /* of day_text */
    char day_text[16];
};

/* csv stands behind the header. series: NULL with a symbol column. */
void parse_init(struct parser *p, const char *path, uint32_t file,
                struct csv *csv, const struct layout *layout, struct rows *rows,
                struct series *series, struct rejects *rejects);
void parse_fini(struct parser *p);
/* Take all whole records of the window. */
bt_status parse_window(struct parser *p);

/* Prices beyond high or low by no more than this share are vendors' rounding.
 */
#define PARSE_TOLERANCE 1e-6
#define PARSE_PRICE_MAX 1e15
#define PARSE_VOLUME_MAX 1e18
enum { PARSE_SYMBOLS = 100000 };

#endif
