/* A column that means nothing to us may mean something to a strategy: a signal,
 * a funding rate, the membership in an index. Each column of numbers becomes a
 * field, known when its row's bar closes.
 *
 * A column is one of numbers when every cell is, or is empty; the first that is
 * neither leaves it out, with a note. Vendors' adjusted prices are left out by
 * name: they know of dividends to come.
 *
 * Rows of a file come in any order and may be more than memory holds, so values
 * go to an unlinked file as they are read, 80 bytes a value, and from there
 * into the fields when the calendar is known.
 */
#define _GNU_SOURCE /* mkostemp */
#include "store/own.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/sorted.h"
#include "base/status.h"
#include "store/decimal.h"
#include "store/field.h"
#include "store/names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A value on its way. */
struct kept {
    const struct series *series;
    struct row row; /* times, line and file of it count */
    int32_t column;
    double value;
};

/* ---- which columns --------------------------------------------------------*/

static bool starts_with(const char *s, const char *head) {
    return strncmp(s, head, strlen(head)) == 0;
}

static bool ends_with(const char *s, const char *tail) {
    size_t n = strlen(s), k = strlen(tail);
    return n >= k && strcmp(s + n - k, tail) == 0;
}

/* Numbers that are no data: vendors' bookkeeping, and prices that know what
 * comes later. */
static bool is_known_noise(const char *plain) {
    static const char *const names[] = {
        "ignore",       "closetime", "rtype",     "publisherid",
        "instrumentid", "index",     "gmtoffset", "lastupdated",
        "capitalgains", "per",       "unnamed:0", "unnamed0"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(plain, names[i]) == 0)
            return true;
    return starts_with(plain, "adj") || ends_with(plain, "adj") ||
           ends_with(plain, "adjusted");
}

/* "+DM 1" and "-DM 1" would be one field; the first of them is. */
static bool is_taken(const struct layout *l, int column, const char *name) {
    char other[FIELD_NAME_MAX + 1];
    for (int i = 0; i < column; i++)
        if (l->name[i][0] != '\0' && field_name(l->name[i], other) == BT_OK &&
            strcmp(other, name) == 0)
            return true;
    return false;
}

bool own_wanted(const struct layout *l, int column) {
    char plain[NAMES_PLAIN], name[FIELD_NAME_MAX + 1];
    enum role role;
    const char *title = l->name[column];
    if (l->role[column] != ROLE_IGNORED || l->groups > 0 || title[0] == '\0' ||
        names_rank(title, &role) != INT_MAX)
        return false;
    names_plain(title, plain);
    return !is_known_noise(plain) && field_name(title, name) == BT_OK &&
           !is_taken(l, column, name);
}

void own_init(struct own *o, const char *folder, bool counts_only) {
    memset(o, 0, sizeof *o);
    o->counts_only = counts_only;
    o->folder = mem_strdup(folder);
}

void own_fini(struct own *o) {
    for (size_t i = 0; i < o->count; i++) {
        free(o->columns[i].name);
        free(o->columns[i].title);
        free(o->columns[i].why);
    }
    free(o->columns);
    free(o->folder);
    if (o->spill)
        fclose(o->spill);
    memset(o, 0, sizeof *o);
}

static int32_t place_own(struct own *o, const char *title) {
    char name[FIELD_NAME_MAX + 1] = "";
    (void)field_name(title, name);
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->columns[i].name, name) == 0)
            return (int32_t)i;
    o->columns = mem_grow(o->columns, o->count, &o->cap, sizeof *o->columns);
    o->columns[o->count] = (struct own_column){.name = mem_strdup(name),
                                               .title = mem_strdup(title)};
    return (int32_t)o->count++;
}

bool own_begin(struct own *o, const struct layout *l) {
    o->here = 0;
    o->decimal = l->decimal;
    for (int i = 0; i < CSV_COLUMNS; i++)
        o->at[i] = -1;
    for (int i = 0; i < l->columns; i++) {
        if (!own_wanted(l, i))
            continue;
        o->at[i] = place_own(o, l->name[i]);
        o->here++;
    }
    return o->here > 0;
}

/* ---- values ---------------------------------------------------------------*/

static bool is_nothing(const struct cell *c) {
    static const char *const words[] = {"",    "nan", "NaN", "null", "NULL",
                                        "N/A", "n/a", "NA",  "-",    "."};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == c->n && memcmp(words[i], c->text, c->n) == 0)
            return true;
    return false;
}

static bt_status open_spill(struct own *o) {
    char *path = mem_printf("%s/own-XXXXXX", o->folder);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    o->spill = fd >= 0 ? fdopen(fd, "w+") : NULL;
    bt_status s =
        o->spill ? BT_OK : fail_errno("cannot make a file in %s", o->folder);
    free(path);
    return s;
}

static bt_status cannot_keep(const struct own *o) {
    return fail_errno("cannot write values of fields in %s", o->folder);
}

static bt_status keep(struct own *o, const struct kept *k) {
    if (o->spill == NULL && !o->counts_only)
        TRY(open_spill(o));
    if (o->spill != NULL && fwrite(k, sizeof *k, 1, o->spill) != 1)
        return cannot_keep(o);
    o->columns[k->column].values++;
    return BT_OK;
}

static bool is_number(const struct own *o, const struct cell *c, double *out) {
    return o->decimal == BT_DECIMAL_AUTO
               ? num_parse(c->text, c->n, out)
               : decimal_parse(c->text, c->n, o->decimal, out);
}

static void leave_out(struct own_column *c, const char *path, uint32_t line,
                      const struct cell *cell) {
    struct buf text;
    buf_init(&text);
    buf_printf(&text, "%s:%u: ", path, line);
    buf_quote(&text, cell->text, cell->n, 40);
    buf_str(&text, " is not a number");
    c->why = buf_take(&text);
}

bt_status own_row(struct own *o, const char *path, const struct cell *cells,
                  int columns, const struct series *s, const struct row *row) {
    struct kept k = {.series = s, .row = *row};
    for (int i = 0; i < columns; i++) {
        if (o->at[i] < 0 || is_nothing(&cells[i]))
            continue;
        struct own_column *c = &o->columns[o->at[i]];
        k.column = o->at[i];
        if (c->why != NULL)
            continue;
        if (is_number(o, &cells[i], &k.value))
            TRY(keep(o, &k));
        else
            leave_out(c, path, row->line, &cells[i]);
    }
    return BT_OK;
}

/* ---- fields ---------------------------------------------------------------*/

struct target {
    double *cells; /* NULL: left out */
    int64_t stride;
};

static int64_t find_row(const struct calendar *c, bt_time open) {
    int64_t low = sorted_from(c->open, c->rows, open);
    return low < c->rows && c->open[low] == open ? low : -1;
}

static bt_status conflict(const struct own *o, const struct kept *k,
                          double first, const char *path) {
    char one[NUM_TEXT], other[NUM_TEXT];
    num_format(first, one);
    num_format(k->value, other);
    return fail(BT_E_DATA,
                "%s:%u: %s of %s is %s, another row has %s for the same bar",
                path, k->row.line, o->columns[k->column].title,
                k->series->symbol, other, one);
}

static bt_status put(const struct own *o, const struct target *t,
                     const struct kept *k, int64_t sid, int64_t row,
                     const char *path) {
    double *cell = &t->cells[sid * t->stride + row];
    if (!isnan(*cell) && *cell != k->value)
        return conflict(o, k, *cell, path);
    *cell = k->value;
    return BT_OK;
}

static bt_status make_fields(struct own *o, struct writer *w,
                             struct target *targets) {
    for (size_t i = 0; i < o->count; i++) {
        const struct own_column *c = &o->columns[i];
        if (c->why == NULL && c->values > 0)
            TRY(writer_field(w, c->name, &targets[i].cells,
                             &targets[i].stride));
    }
    return BT_OK;
}

static bt_status put_all(struct own *o, struct writer *w,
                         const struct bar_rule *rule, const struct calendar *c,
                         const struct target *targets,
                         const char *(*file_path)(void *, uint32_t),
                         void *context) {
    struct kept k;
    struct claim claim;
    if (fflush(o->spill) != 0) /* rewind would not say so */
        return cannot_keep(o);
    rewind(o->spill);
    while (fread(&k, sizeof k, 1, o->spill) == 1) {
        const struct target *t = &targets[k.column];
        bar_times(rule, &k.row, &claim);
        int64_t row = find_row(c, claim.open);
        int64_t sid = writer_find(w, k.series->symbol);
        if (t->cells && row >= 0 && sid >= 0)
            TRY(put(o, t, &k, sid, row, file_path(context, k.row.file)));
    }
    return ferror(o->spill) ? fail_errno("cannot read values of fields")
                            : BT_OK;
}

bt_status own_write(struct own *o, struct writer *w,
                    const struct bar_rule *rule, const struct calendar *c,
                    const char *(*file_path)(void *, uint32_t), void *context) {
    if (o->spill == NULL)
        return BT_OK;
    struct target *targets = mem_zalloc(o->count, sizeof *targets);
    bt_status s = make_fields(o, w, targets);
    if (s == BT_OK)
        s = put_all(o, w, rule, c, targets, file_path, context);
    free(targets);
    return s;
}
