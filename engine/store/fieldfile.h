/* The file of a bundle's own field being written; see fieldfile.c. */
#ifndef BT_STORE_FIELDFILE_H
#define BT_STORE_FIELDFILE_H

#include "store/colfile.h"

struct fieldfile;

/* Begin a file of assets columns of rows elements in folder, all NaN. number
 * tells it from others that are open there. */
bt_status fieldfile_open(const char *folder, int number, int64_t assets,
                         int64_t rows, struct fieldfile **out);
/* Its cells: element row of asset sid is at [sid * schema_stride(rows) + row].
 * Writable until fieldfile_close. */
double *fieldfile_cells(struct fieldfile *f);
/* Hash, 0400, rename. Frees f, also when it fails. Not synced yet. */
bt_status fieldfile_close(struct fieldfile *f, struct colfile_info *out);
void fieldfile_abandon(struct fieldfile *f); /* frees, removes; NULL ok */

#endif
