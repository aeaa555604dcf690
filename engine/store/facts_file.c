/* assets.csv has a row for each asset and a column for each fact:
 *
 *     symbol,name,exchange,tick_size,lot_size,multiplier,first_date,last_date
 *     ESZ5,E-mini S&P 500,XCME,0.25,1,50,2024-09-20,2025-12-19
 *
 * Columns come in any order and may be absent, cells may be empty. Every value
 * is checked here, so that a mistake is told with its line.
 */
#include "store/facts_file.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/csv.h"
#include "store/fact.h"
#include "store/names.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct facts_file *file;
    struct csv csv;
    struct cell *cells;
    char separator;
    size_t columns;
    int symbol;
    char **names; /* [columns] of facts */
};

/* "Tick size" as tick_size. */
static char *plain_name(const struct cell *c) {
    char *name = mem_strndup(c->text, c->n);
    for (char *p = name; *p; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
        else if (*p == ' ' || *p == '-')
            *p = '_';
    }
    return name;
}

static bt_status check_name(const struct reader *r, const char *name) {
    struct fact_list none = {0};
    return fact_list_put(&none, r->file->path, name, "");
}

static bt_status read_header(struct reader *r, size_t count) {
    r->columns = count;
    r->names = mem_zalloc(count, sizeof *r->names);
    r->symbol = -1;
    for (size_t i = 0; i < count; i++) {
        enum role role;
        r->names[i] = plain_name(&r->cells[i]);
        if (r->symbol < 0 && names_rank(r->names[i], &role) != INT_MAX &&
            role == ROLE_SYMBOL)
            r->symbol = (int)i;
    }
    if (r->symbol < 0)
        return fail(BT_E_DATA,
                    "%s: no column 'symbol' in the first line; a header is "
                    "symbol,name,exchange,tick_size,lot_size,multiplier,"
                    "first_date,last_date or some of them",
                    r->file->path);
    for (size_t i = 0; i < count; i++)
        if ((int)i != r->symbol)
            TRY(check_name(r, r->names[i]));
    return BT_OK;
}

static bt_status read_row(struct reader *r, size_t count) {
    struct facts_file *f = r->file;
    struct fact_list checked = {0};
    const struct cell *symbol = &r->cells[r->symbol];
    char *what = mem_printf("%s:%u", f->path, r->csv.line);
    bt_status s = BT_OK;
    if (count != r->columns)
        s = fail(BT_E_DATA, "%s: the row has %zu cells, the header has %zu",
                 what, count, r->columns);
    else if (symbol->n == 0 || symbol->n > 64)
        s = fail(BT_E_DATA, "%s: no symbol of 1 to 64 bytes", what);
    for (size_t i = 0; s == BT_OK && i < count; i++) {
        if ((int)i == r->symbol || r->cells[i].n == 0)
            continue;
        struct told t = {.line = r->csv.line};
        t.value = mem_strndup(r->cells[i].text, r->cells[i].n);
        s = fact_list_put(&checked, what, r->names[i], t.value);
        t.symbol = mem_strndup(symbol->text, symbol->n);
        t.name = mem_strdup(r->names[i]);
        f->list = mem_grow(f->list, f->count, &f->cap, sizeof *f->list);
        f->list[f->count++] = t;
    }
    bt_asset_facts facts;
    fact_list_read(&checked, &facts);
    if (s == BT_OK && facts.last_date < facts.first_date)
        s = fail(BT_E_DATA, "%s: last_date lies before first_date", what);
    fact_list_fini(&checked);
    free(what);
    return s;
}

static char separator_of(const struct csv *c) {
    static const char candidates[] = ";\t|";
    const char *s = c->data + c->begin;
    size_t n = strcspn(s, "\n");
    for (const char *p = candidates; *p != '\0'; p++)
        if (memchr(s, *p, n) && !memchr(s, ',', n))
            return *p;
    return ',';
}

static bt_status read_record(void *ctx, size_t count) {
    struct reader *r = ctx;
    if (count == 0 || count > CSV_COLUMNS)
        return fail(BT_E_DATA, "%s:%u: a row that makes no sense",
                    r->file->path, r->csv.line);
    return r->names ? read_row(r, count) : read_header(r, count);
}

static bt_status read_all(struct reader *r) {
    bool more = true;
    TRY(csv_fill(&r->csv, &more));
    if (r->csv.end >= 3 && memcmp(r->csv.data, "\xef\xbb\xbf", 3) == 0)
        r->csv.begin = 3;
    r->separator = separator_of(&r->csv);
    TRY(csv_each(&r->csv, r->separator, r->cells, read_record, r));
    source_sha(r->csv.source, r->file->sha);
    return r->names ? BT_OK : fail(BT_E_DATA, "%s is empty", r->file->path);
}

bt_status facts_file_read(const char *path, struct facts_file *out) {
    struct source *source;
    TRY(source_open(&(struct origin){path, -1, NULL}, &source));
    struct facts_file file = {.path = mem_strdup(path)};
    struct reader r = {.file = &file,
                       .cells = mem_alloc(CSV_COLUMNS * sizeof *r.cells)};
    csv_init(&r.csv, source);
    bt_status s = read_all(&r);
    for (size_t i = 0; i < r.columns; i++)
        free(r.names[i]);
    free(r.names);
    free(r.cells);
    csv_fini(&r.csv);
    if (s != BT_OK) {
        facts_file_fini(&file);
        return s;
    }
    *out = file;
    return BT_OK;
}

void facts_file_fini(struct facts_file *f) {
    for (size_t i = 0; i < f->count; i++) {
        free(f->list[i].symbol);
        free(f->list[i].name);
        free(f->list[i].value);
    }
    free(f->list);
    free(f->path);
    *f = (struct facts_file){0};
}

bt_status facts_file_write(const struct facts_file *f, struct writer *w,
                           int32_t *strangers) {
    const char *last = "";
    *strangers = 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct told *t = &f->list[i];
        int64_t sid = writer_find(w, t->symbol);
        if (sid >= 0)
            TRY(writer_fact(w, (size_t)sid, f->path, t->name, t->value));
        else if (strcmp(last, t->symbol) != 0)
            ++*strangers;
        last = t->symbol;
    }
    return BT_OK;
}
