/* From the first lines of a file to the names of its columns; see header.c. */
#ifndef BT_STORE_HEADER_H
#define BT_STORE_HEADER_H

#include "store/layout.h"

/* Read what stands above the rows, and take it. Fills separator, names, format,
 * roles of a signature and groups.
 * BT_E_DATA: no table; BT_E_USAGE: several formats fit. */
bt_status header_read(struct csv *c, const char *path,
                      const struct layout_wish *wish, struct layout *l);

/* A look ahead: the records of a copy, since taking them apart changes text. */
struct peek {
    struct csv csv;
    struct cell *cells; /* [CSV_COLUMNS] */
    size_t count;       /* cells of the record */
};
void peek_open(struct peek *p, const struct csv *c);
/* The next record that is not blank, apart at separator ('\0': the one its line
 * has most of, then in *separator); false when there is none. */
bool peek_next(struct peek *p, char *separator);
void peek_close(struct peek *p);

#endif
