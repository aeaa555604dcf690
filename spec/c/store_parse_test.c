/* The quick way and the careful way are twins, and both agree with strtod.
 *
 * Each random row is written twice: plain, which the quick way takes where it
 * can, and with every cell in quotes, which only the careful way takes. */
#include "base/date.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/rng.h"
#include "store/parse.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/store_parse_XXXXXX";

static int setup(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state) {
    (void)state;
    return fs_remove_tree(folder) != BT_OK;
}

struct parsed {
    struct rows rows;
    struct rejects rejects;
    double count, tolerated;
};

static void parse(const char *text, size_t n, struct parsed *out) {
    struct source *source;
    struct csv csv;
    struct layout *layout = mem_alloc(sizeof *layout);
    struct parser p;
    bool more = true;
    char *path = fs_join(folder, "t.csv");
    assert_int_equal(fs_write(path, text, n, 0600), BT_OK);
    assert_int_equal(source_open(&(struct origin){path, -1, NULL}, &source),
                     BT_OK);
    csv_init(&csv, source);
    assert_int_equal(layout_read(&csv, path,
                                 &(struct layout_wish){.day = STAMP_NONE},
                                 layout),
                     BT_OK);
    rows_init(&out->rows, folder, 1 << 30);
    rejects_init(&out->rejects);
    parse_init(&p, "t.csv", 3, &csv, layout, &out->rows,
               rows_series(&out->rows, "S"), &out->rejects);
    while (more) {
        assert_int_equal(parse_window(&p), BT_OK);
        assert_int_equal(csv_fill(&csv, &more), BT_OK);
    }
    rows_finish(&out->rows);
    out->count = p.count;
    out->tolerated = p.tolerated;
    parse_fini(&p);
    layout_fini(layout);
    csv_fini(&csv);
    free(layout);
    free(path);
}

static void parsed_fini(struct parsed *p) {
    rows_fini(&p->rows);
    rejects_fini(&p->rejects);
}

/* A decimal text of up to 17 digits, sometimes with sign or exponent. */
static void random_number(struct rng *r, char out[64]) {
    int whole = (int)rng_range(r, 0, 9), places = (int)rng_range(r, 0, 8);
    char *p = out;
    if (rng_range(r, 0, 50) == 0)
        *p++ = '+';
    for (int i = 0; i < whole; i++)
        *p++ = (char)('0' + rng_range(r, 0, 9));
    if (whole == 0 && places == 0)
        *p++ = '7';
    if (places > 0) {
        *p++ = '.';
        for (int i = 0; i < places; i++)
            *p++ = (char)('0' + rng_range(r, 0, 9));
    }
    if (rng_range(r, 0, 30) == 0)
        p += sprintf(p, "e%d", (int)rng_range(r, -12, 3));
    *p = '\0';
}

enum { ROWS = 40000 };

struct text_row {
    char date[48], v[5][64];
};

/* Prices in order, so that most rows are good. */
static void random_row(struct rng *r, int i, struct text_row *row) {
    double price[4];
    char(*v)[64] = row->v;
    int form = (int)rng_range(r, 0, 3);
    int32_t day = 10000 + i / 400;
    char text[DATE_TEXT];
    date_format(day, text);
    int minute = i % 400;
    if (form < 2)
        snprintf(row->date, sizeof row->date, "%s %02d:%02d", text, minute / 60,
                 minute % 60);
    else
        snprintf(row->date, sizeof row->date, "%s%c%02d:%02d:%02d", text,
                 form == 2 ? 'T' : ' ', minute / 60, minute % 60, i % 60);
    for (int k = 0; k < 5; k++)
        random_number(r, v[k]);
    for (int k = 0; k < 4; k++)
        price[k] = strtod(v[k], NULL);
    for (int k = 0; k < 4; k++) { /* largest to high, smallest to low */
        char kept[64];
        int want = price[k] > price[1] ? 1 : price[k] < price[2] ? 2 : k;
        double p = price[k];
        memcpy(kept, v[k], sizeof kept);
        memcpy(v[k], v[want], sizeof kept);
        memcpy(v[want], kept, sizeof kept);
        price[k] = price[want];
        price[want] = p;
    }
}

static void write_row(struct buf *b, const struct text_row *row, bool quoted) {
    const char *q = quoted ? "\"" : "";
    buf_printf(b, "%s%s%s", q, row->date, q);
    for (int k = 0; k < 5; k++)
        buf_printf(b, ",%s%s%s", q, row->v[k], q);
    buf_str(b, "\n");
}

static const char header[] = "time,open,high,low,close,volume\n";

static void same_rows(const struct parsed *a, const struct parsed *b) {
    struct cursor x, y;
    const struct row *r, *s;
    assert_true(a->count == b->count);
    assert_true(a->rejects.count == b->rejects.count);
    assert_true(a->tolerated == b->tolerated);
    assert_int_equal(cursor_open(&a->rows, a->rows.list[0], &x), BT_OK);
    assert_int_equal(cursor_open(&b->rows, b->rows.list[0], &y), BT_OK);
    do {
        assert_int_equal(cursor_next(&x, &r), BT_OK);
        assert_int_equal(cursor_next(&y, &s), BT_OK);
        assert_int_equal(r == NULL, s == NULL);
        if (r != NULL)
            assert_memory_equal(r, s, sizeof *r);
    } while (r != NULL);
    cursor_close(&x);
    cursor_close(&y);
}

static void test_twins(void **state) {
    (void)state;
    struct rng rng;
    struct buf plain, quoted;
    struct text_row row;
    static struct parsed a, b;
    rng_seed(&rng, 5);
    buf_init(&plain);
    buf_init(&quoted);
    buf_str(&plain, header);
    buf_str(&quoted, header);
    for (int i = 0; i < ROWS; i++) {
        random_row(&rng, i, &row);
        write_row(&plain, &row, false);
        write_row(&quoted, &row, true);
    }
    parse(plain.data, plain.len, &a);
    parse(quoted.data, quoted.len, &b);
    assert_true(a.count == ROWS);
    assert_true(a.rejects.count < ROWS / 2);
    same_rows(&a, &b);
    for (int i = 0; i < a.rejects.kept; i++)
        assert_string_equal(a.rejects.list[i].text, b.rejects.list[i].text);
    parsed_fini(&a);
    parsed_fini(&b);
    buf_fini(&plain);
    buf_fini(&quoted);
}

/* Every character at every place of a time of day, good and bad. */
static void test_clocks(void **state) {
    (void)state;
    struct buf plain, quoted;
    static struct parsed a, b;
    buf_init(&plain);
    buf_init(&quoted);
    buf_str(&plain, header);
    buf_str(&quoted, header);
    for (int i = 0; i < 8 * 256; i++) {
        struct text_row row = {"2012-01-31 19:38:47",
                               {"2", "3", "1", "2", "5"}};
        char c = (char)(i > 0 ? i & 255 : '1'); /* the first row is good */
        if (c == ',' || c == '"' || c == '\n' || c == '\0')
            continue;
        row.date[11 + i / 256] = c;
        write_row(&plain, &row, false);
        write_row(&quoted, &row, true);
    }
    parse(plain.data, plain.len, &a);
    parse(quoted.data, quoted.len, &b);
    assert_true(a.rows.list[0]->total >= 3 + 2 * 10 + 2 * 6);
    same_rows(&a, &b);
    parsed_fini(&a);
    parsed_fini(&b);
    buf_fini(&plain);
    buf_fini(&quoted);
}

static const struct text_row alike = {"2012-01-31 19:38:47",
                                      {"12.50", "13.25", "2.755", "12", "7"}};

/* The row and two like each other before it. */
static void write_three(struct buf *b, const struct text_row *row,
                        bool quoted) {
    write_row(b, &alike, false);
    write_row(b, &alike, false);
    write_row(b, row, quoted);
}

/* Every character at every place of a row that is like those before it. */
static void test_alike(void **state) {
    (void)state;
    struct buf plain, quoted;
    static struct parsed a, b;
    buf_init(&plain);
    buf_init(&quoted);
    buf_str(&plain, header);
    buf_str(&quoted, header);
    for (int i = 0; i < 4 * 19 * 256; i++) {
        struct text_row row = alike;
        int cell = i / 19 / 256, place = i / 256 % 19, c = i % 256;
        char *text = cell == 0 ? row.date : row.v[cell - 1];
        if (text[place] == '\0' || c == ',' || c == '"' || c == '\n' || c == 0)
            continue;
        text[place] = (char)c;
        write_three(&plain, &row, false);
        write_three(&quoted, &row, true);
    }
    parse(plain.data, plain.len, &a);
    parse(quoted.data, quoted.len, &b);
    assert_true(a.rejects.count > 0 && a.rejects.count < a.count / 3);
    same_rows(&a, &b);
    parsed_fini(&a);
    parsed_fini(&b);
    buf_fini(&plain);
    buf_fini(&quoted);
}

/* Rows of the first symbol whose prices and volume are one number each. */
static void assert_all_read(struct rows *rows, const double *expected,
                            int64_t n) {
    struct cursor c;
    const struct row *r;
    assert_int_equal(cursor_open(rows, rows->list[0], &c), BT_OK);
    for (int64_t i = 0; i < n; i++) {
        assert_int_equal(cursor_next(&c, &r), BT_OK);
        for (int k = 0; k < 5; k++)
            assert_true(r->v[k] == expected[i]);
    }
    cursor_close(&c);
}

/* Rows of one pattern, of every width: what is stored is what strtod reads. */
static void test_widths(void **state) {
    (void)state;
    enum { EACH = 12, MOST = 9 };
    struct rng rng;
    struct buf text;
    static struct parsed p;
    double expected[MOST * MOST * EACH];
    int n = 0;
    rng_seed(&rng, 7);
    buf_init(&text);
    buf_str(&text, header);
    for (int i = 0; i < MOST * MOST * EACH; i++) {
        char v[64], *at = v;
        int whole = i / EACH / MOST + 1, places = i / EACH % MOST;
        for (int k = 0; k < whole + places; k++) {
            if (k == whole)
                *at++ = '.';
            *at++ = (char)('0' + rng_range(&rng, k == 0, 9));
        }
        *at = '\0';
        buf_printf(&text, "2000-01-%02d %02d:%02d,%s,%s,%s,%s,%s\n",
                   n / 1440 + 1, n / 60 % 24, n % 60, v, v, v, v, v);
        expected[n++] = strtod(v, NULL);
    }
    parse(text.data, text.len, &p);
    assert_true(p.rejects.count == 0);
    assert_all_read(&p.rows, expected, n);
    parsed_fini(&p);
    buf_fini(&text);
}

/* One number in all four prices: what is stored is what strtod reads. */
static void test_numbers(void **state) {
    (void)state;
    struct rng rng;
    struct buf text;
    static struct parsed p;
    static double expected[ROWS];
    int64_t n = 0;
    rng_seed(&rng, 6);
    buf_init(&text);
    buf_str(&text, header);
    while (n < ROWS) {
        char v[64];
        random_number(&rng, v);
        double x = strtod(v, NULL);
        if (x <= 0 || x > PARSE_PRICE_MAX)
            continue;
        buf_printf(&text, "2000-01-01 %02d:%02d:%02d,%s,%s,%s,%s,%s\n",
                   (int)(n / 3600 % 24), (int)(n / 60 % 60), (int)(n % 60), v,
                   v, v, v, v);
        expected[n++] = x;
    }
    parse(text.data, text.len, &p);
    assert_true(p.rejects.count == 0);
    assert_all_read(&p.rows, expected, n);
    parsed_fini(&p);
    buf_fini(&text);
}

/* Wherever a row is cut off by the end of the file, nothing is made up: the row
 * is rejected, unless what is left is a whole row by itself. */
static void test_every_prefix(void **state) {
    (void)state;
    static const char text[] =
        "time,open,high,low,close,volume\n2012-01-31 09:30:00,10.5,12.25,9."
        "75,11,1234567\n2012-01-31 09:31:00,10.5,12.25,9.75,11,1234567\n";
    size_t n = sizeof text - 1, first = strchr(text, '\n') - text + 1;
    for (size_t k = first; k <= n; k++) {
        static struct parsed p;
        parse(text, k, &p);
        double stored = p.rows.count > 0 ? (double)p.rows.list[0]->total : 0;
        assert_true(p.count == stored + p.rejects.count);
        parsed_fini(&p);
    }
}

/* Any one byte replaced: the two ways still agree on every other row, and each
 * row is stored or rejected. */
static void test_every_byte(void **state) {
    (void)state;
    static const char row[] = "2012-01-31 09:30:00,10.5,12.25,9.75,11,1234567";
    static const char bytes[] = "\n\r\t \"+,-.019:;Ee\x7f\xff";
    for (size_t i = 0; i < sizeof row - 1; i++) {
        for (size_t b = 0; b < sizeof bytes - 1; b++) {
            struct buf text;
            static struct parsed p;
            buf_init(&text);
            buf_printf(&text, "%s2012-01-31 09:29:00,1,1,1,1,1\n", header);
            size_t at = text.len + i;
            buf_printf(&text, "%s\n2012-01-31 09:31:00,2,2,2,2,2\n", row);
            text.data[at] = bytes[b];
            parse(text.data, text.len, &p);
            double stored = (double)p.rows.list[0]->total;
            assert_true(p.count == stored + p.rejects.count);
            assert_true(stored >= 2 || bytes[b] == '"');
            parsed_fini(&p);
            buf_fini(&text);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twins),      cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_every_byte), cmocka_unit_test(test_alike),
        cmocka_unit_test(test_widths),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
