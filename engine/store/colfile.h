/* One column file being written; see colfile.c. */
#ifndef BT_STORE_COLFILE_H
#define BT_STORE_COLFILE_H

#include "backlua.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum { COLFILE_MAX = 8, COLFILE_NAME = 48 };

/* Where a finished file is and what it holds. */
struct colfile_info {
    char name[COLFILE_NAME]; /* hex digits + ".col" */
    uint8_t sha[32];
    int64_t bytes;
};

struct colfile;

/* Begin a file of columns in folder, one element size each, rows elements. */
bt_status colfile_open(const char *folder, const size_t *sizes, int columns,
                       int64_t rows, struct colfile **out);
/* Offset of a column in the file, a multiple of SCHEMA_PAGE. */
int64_t colfile_offset(const struct colfile *f, int column);
/* Append n pieces to a column. Columns that come so come one after the other,
 * in order, and all of them. */
bt_status colfile_pass(struct colfile *f, int column,
                       const struct iovec *pieces, int n);
/* Append one row of doubles, or n times the same. v: [columns]. */
bt_status colfile_row(struct colfile *f, const double *v);
bt_status colfile_rows(struct colfile *f, const double *v, int64_t n);
/* Finish: every column must be full. Hash, 0400, rename. Frees f, also when it
 * fails. The data is not synced yet: colfile_sync. */
bt_status colfile_close(struct colfile *f, struct colfile_info *out);
void colfile_abandon(struct colfile *f); /* frees, removes the file; NULL ok */
bt_status colfile_sync(const char *folder, const char *name);

#endif
