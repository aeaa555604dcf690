/* Reading an SQLite database that somebody else may have made; see db.c. */
#ifndef BT_STORE_DB_H
#define BT_STORE_DB_H

#include "backlua.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db {
    sqlite3 *handle;
    const char *what; /* names the database in messages; borrowed */
};

/* Open the image bytes[0 .. n-1] read-only; borrowed until db_close. what: e.g.
 * the path. check: PRAGMA quick_check as well. tables: the texts that
 * sqlite_schema must hold, these and no others, in this order.
 * errors BT_E_DATA says what is wrong with it. */
bt_status db_open(const void *bytes, size_t n, const char *what, bool check,
                  const char *const *tables, int count, struct db *out);
void db_close(struct db *db);

struct db_rows {
    struct db *db;
    sqlite3_stmt *statement;
};

/* Start a SELECT; end it with db_end. */
bt_status db_select(struct db *db, const char *sql, struct db_rows *out);
void db_end(struct db_rows *rows);
/* The next row; *more is false after the last. */
bt_status db_next(struct db_rows *rows, bool *more);
/* Value of a column of the current row. Its type must be right, an integer in
 * min..max. Texts are borrowed until db_next. */
bt_status db_int(struct db_rows *rows, int column, int64_t min, int64_t max,
                 int64_t *out);
bt_status db_text(struct db_rows *rows, int column, const char **out);
/* A finite number in min..max. */
bt_status db_real(struct db_rows *rows, int column, double min, double max,
                  double *out);

#endif
