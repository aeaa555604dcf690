/* Columns of doubles that can be read before their beginning; see column.c. */
#ifndef BT_STORE_COLUMN_H
#define BT_STORE_COLUMN_H

#include "backlua.h"

#include <stddef.h>
#include <stdint.h>

/* A whole file, mapped read-only; its descriptor is closed. */
struct column_file {
    const unsigned char *base; /* NULL: not mapped */
    size_t bytes;
};

bt_status column_file_map(int fd, size_t bytes, const char *path,
                          struct column_file *out);
void column_file_unmap(struct column_file *f);

/* What stands in data[-BT_HISTORY_MAX .. -1]. NaN stands there only as far back
 * as column_apron_reach has been asked for; before that, nothing of use. */
enum column_apron { COLUMN_NAN, COLUMN_ZERO };

/* From now on at least so many rows (at most BT_HISTORY_MAX) before row 0 of
 * all columns are NaN. */
void column_apron_reach(int32_t rows);
/* How many are. */
int32_t column_apron_rows(void);

/* It stays where it is in memory while it is mapped. */
struct column {
    void *base; /* NULL: not mapped */
    size_t bytes;
    const double *data; /* [rows], readable from -BT_HISTORY_MAX on */
    size_t own_bytes;   /* private memory in it; 0 where it shows a file */
    size_t place;       /* among those whose apron is its own, from 1 */
    int32_t mappings;   /* of the system, where it shows a file */
};

/* Show rows doubles at offset of a mapped file behind an apron. The file's
 * pages are shared, and stay when the file is unmapped or removed; they are
 * copied where a process has many mappings (column.c).
 * The caller has checked that the rows lie inside the file. */
bt_status column_map(const struct column_file *f, int64_t offset, int64_t rows,
                     enum column_apron apron, struct column *out);
/* The same over memory of our own: *fill [rows] is written by the caller, who
 * then seals it. */
bt_status column_make(int64_t rows, enum column_apron apron, struct column *out,
                      double **fill);
void column_seal(struct column *c); /* read-only from now on */
/* Give a sealed column memory of its own with the same values, in place: what
 * it showed may change. BT_E_IO: it still shows what it showed. */
bt_status column_detach(struct column *c);
void column_unmap(struct column *c);

#endif
