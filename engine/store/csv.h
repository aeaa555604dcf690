/* Records and cells of separated text; see csv.c. */
#ifndef BT_STORE_CSV_H
#define BT_STORE_CSV_H

#include "store/source.h"

#include <stdbool.h>

/* A piece of the window, valid until the window is filled again. */
struct cell {
    char *text; /* not terminated; quotes and blanks around it removed */
    size_t n;
    bool quoted;
    bool torn; /* text follows the closing quote */
};

enum { CSV_COLUMNS = 1024, CSV_RECORD = 1 << 20 };

/* A window on the file that slides forward. What lies before `whole` ends with
 * a line feed; 64 bytes behind `end` may be read. */
struct csv {
    struct source *source;
    char *data;
    size_t begin, whole, end; /* positions in data */
    size_t cap;
    uint32_t line; /* of the record at begin, 1-based */
    bool eof;      /* everything is in the window */
};

/* Takes the source. */
void csv_init(struct csv *c, struct source *s);
void csv_fini(struct csv *c);
/* Slide and read on. False in *more: nothing is left. */
bt_status csv_fill(struct csv *c, bool *more);

enum csv_result {
    CSV_RECORD_OK,
    CSV_MORE,    /* the record goes on behind the window: fill, try again */
    CSV_UNCLOSED /* a quote is never closed; next is the next line */
};

/* Take the record at begin apart. *count: cells found, which may be more than
 * CSV_COLUMNS (only so many are kept). *next, *lines: where the following
 * record begins and how many lines on. */
enum csv_result csv_record(struct csv *c, char separator, struct cell *cells,
                           size_t *count, size_t *next, uint32_t *lines);
/* True when the text up to the line feed at or behind begin holds only blanks.
 */
bool csv_is_blank(const struct csv *c, size_t *next);
/* A record: its cells, and its line in the csv, are there until it returns.
 * count 0: a quote in it is never closed. */
typedef bt_status csv_row(void *ctx, size_t count);
/* Give every record from begin to the end of the file to row, without those
 * that are blank, until it fails. cells [CSV_COLUMNS].
 * errors BT_E_IO, BT_E_DATA as source_read; those of row */
bt_status csv_each(struct csv *c, char separator, struct cell *cells,
                   csv_row *row, void *ctx);

#endif
