/* A bundle in memory, for the plain programs of the bench: read with SQLite and
 * pread, without a line of the engine. */
#ifndef BENCH_MARKET_H
#define BENCH_MARKET_H

#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ASSETS = 64 };

static void die(const char *what, const char *why) {
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

static void *allocate(size_t bytes) {
    void *p = malloc(bytes);
    if (!p)
        die("memory", "out of it");
    return p;
}

struct market {
    int32_t rows, assets;
    double *open[MAX_ASSETS], *high[MAX_ASSETS]; /* [rows] */
    double *low[MAX_ASSETS], *close[MAX_ASSETS];
    int64_t *open_time, *close_time; /* [rows] microseconds */
    int32_t *session;                /* [rows] day numbers */
    double periods_per_year;
};

static void *read_part(const char *bundle, const char *file, int64_t offset,
                       size_t bytes) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", bundle, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *data = allocate(bytes);
    if (fd < 0 || pread(fd, data, bytes, offset) != (ssize_t)bytes)
        die(path, "cannot be read");
    close(fd);
    return data;
}

static sqlite3_stmt *query(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(db));
    return s;
}

static const char *text(sqlite3_stmt *s, int column) {
    return (const char *)sqlite3_column_text(s, column);
}

static void load_calendar(sqlite3 *db, const char *bundle, struct market *m) {
    sqlite3_stmt *s = query(db, "SELECT rows, file, open_offset, close_offset, "
                                "session_offset, (SELECT value FROM meta "
                                "WHERE key = 'periods_per_year') "
                                "FROM frequency");
    if (sqlite3_step(s) != SQLITE_ROW)
        die(bundle, "no frequency");
    m->rows = sqlite3_column_int(s, 0);
    size_t n = (size_t)m->rows;
    m->open_time = read_part(bundle, text(s, 1), sqlite3_column_int64(s, 2),
                             n * sizeof *m->open_time);
    m->close_time = read_part(bundle, text(s, 1), sqlite3_column_int64(s, 3),
                              n * sizeof *m->close_time);
    m->session = read_part(bundle, text(s, 1), sqlite3_column_int64(s, 4),
                           n * sizeof *m->session);
    m->periods_per_year = sqlite3_column_double(s, 5);
    sqlite3_finalize(s);
}

static double **place(struct market *m, const char *field) {
    return field[0] == 'o'   ? m->open
           : field[0] == 'h' ? m->high
           : field[0] == 'l' ? m->low
                             : m->close;
}

static void load_columns(sqlite3 *db, const char *bundle, const char *fields,
                         struct market *m) {
    char sql[200];
    snprintf(sql, sizeof sql,
             "SELECT sid, field, file, offset FROM series WHERE field IN (%s)",
             fields);
    sqlite3_stmt *s = query(db, sql);
    while (sqlite3_step(s) == SQLITE_ROW) {
        int32_t sid = sqlite3_column_int(s, 0);
        if (sid >= MAX_ASSETS)
            die(bundle, "more assets than this program holds");
        double *column =
            read_part(bundle, text(s, 2), sqlite3_column_int64(s, 3),
                      (size_t)m->rows * sizeof *column);
        for (int32_t t = 0; t < m->rows; t++)
            if (isnan(column[t]))
                die(bundle, "has gaps; the workload wants every bar");
        place(m, text(s, 1))[sid] = column;
        if (sid >= m->assets)
            m->assets = sid + 1;
    }
    sqlite3_finalize(s);
}

/* fields: names of columns, as SQL lists them: "'open', 'close'" */
static struct market load(const char *bundle, const char *fields) {
    char uri[4096];
    snprintf(uri, sizeof uri, "file:%s/bundle.sqlite?immutable=1", bundle);
    sqlite3 *db;
    if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                        NULL) != SQLITE_OK)
        die(uri, sqlite3_errmsg(db));
    struct market m = {.rows = 0};
    load_calendar(db, bundle, &m);
    load_columns(db, bundle, fields, &m);
    sqlite3_close(db);
    return m;
}

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#endif
