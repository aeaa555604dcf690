/* Records and cells: quoting, separators, the sliding window. */
#include "base/fs.h"
#include "base/mem.h"
#include "store/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/store_csv_XXXXXX";

static int setup(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state) {
    (void)state;
    return fs_remove_tree(folder) != BT_OK;
}

static void open_text(struct csv *c, const char *text, size_t n) {
    struct source *s;
    char *path = fs_join(folder, "t.csv");
    assert_int_equal(fs_write(path, text, n, 0600), BT_OK);
    assert_int_equal(source_open(&(struct origin){path, -1, NULL}, &s), BT_OK);
    csv_init(c, s);
    free(path);
}

/* All records as text: cells in [], a line feed between records, ~ for a record
 * whose quote is not closed. */
static char *taken_apart(const char *text, char separator) {
    struct csv c;
    struct buf out;
    struct cell *cells = mem_alloc(CSV_COLUMNS * sizeof *cells);
    size_t count, next;
    uint32_t lines;
    bool more = true;
    open_text(&c, text, strlen(text));
    buf_init(&out);
    while (more) {
        enum csv_result r =
            csv_record(&c, separator, cells, &count, &next, &lines);
        if (r == CSV_MORE) {
            assert_int_equal(csv_fill(&c, &more), BT_OK);
            continue;
        }
        for (size_t i = 0; r == CSV_RECORD_OK && i < count; i++)
            buf_printf(&out, "[%.*s%s]", (int)cells[i].n, cells[i].text,
                       cells[i].torn ? "!" : "");
        buf_str(&out, r == CSV_UNCLOSED ? "~\n" : "\n");
        c.begin = next;
        c.line += lines;
    }
    free(cells);
    csv_fini(&c);
    return buf_take(&out);
}

static void becomes(const char *text, char separator, const char *expected) {
    char *got = taken_apart(text, separator);
    assert_string_equal(got, expected);
    free(got);
}

static void test_cells(void **state) {
    (void)state;
    becomes("a,b,c\n", ',', "[a][b][c]\n");
    becomes("a,b,c", ',', "[a][b][c]\n");
    becomes("a,b\r\nc,d\r\n", ',', "[a][b]\n[c][d]\n");
    becomes(",,\n", ',', "[][][]\n");
    becomes("\n", ',', "[]\n");
    becomes(" a ,\tb\t, c d \n", ',', "[a][b][c d]\n");
    becomes("a;b,c\n", ';', "[a][b,c]\n");
    becomes("a\tb\t\n", '\t', "[a][b][]\n");
    becomes("", ',', "");
}

static void test_quotes(void **state) {
    (void)state;
    becomes("\"a\",\"b,c\",\"d\"\n", ',', "[a][b,c][d]\n");
    becomes("\"a \"\"b\"\" c\",d\n", ',', "[a \"b\" c][d]\n");
    becomes("\"two\nlines\",d\ne,f\n", ',', "[two\nlines][d]\n[e][f]\n");
    becomes(" \"a\" ,b\n", ',', "[a][b]\n");
    becomes("\"a\"b,c\n", ',', "[a!][c]\n");
    becomes("a\"b,c\n", ',', "[a\"b][c]\n"); /* a quote inside is a character */
    becomes("\"\",\"\"\"\"\n", ',', "[][\"]\n");
    becomes("\"a,b\nc,d\n", ',', "~\n[c][d]\n"); /* costs one line */
}

static void test_lines_are_counted(void **state) {
    (void)state;
    static const char text[] = "a,b\n\"1\n2\n3\",c\nd,e\n";
    struct csv c;
    struct cell cells[8];
    size_t count, next;
    uint32_t lines;
    bool more;
    open_text(&c, text, sizeof text - 1);
    assert_int_equal(csv_fill(&c, &more), BT_OK);
    static const uint32_t expected[] = {1, 2, 5};
    struct cell *big = mem_alloc(CSV_COLUMNS * sizeof *big);
    (void)cells;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(c.line, expected[i]);
        assert_int_equal(csv_record(&c, ',', big, &count, &next, &lines),
                         CSV_RECORD_OK);
        c.begin = next;
        c.line += lines;
    }
    free(big);
    csv_fini(&c);
}

/* A file of several windows is the same records, wherever the windows end. */
static void test_window_slides(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text);
    int rows = 60000;
    for (int i = 0; i < rows; i++)
        buf_printf(&text,
                   i % 7 == 0 ? "\"r %d\",\"x\n\"\"y\"\"\"\n" : "r %d,z\n", i);
    assert_true(text.len > 2 << 18); /* more than two windows */
    char *got = taken_apart(text.data, ',');
    struct buf expected;
    buf_init(&expected);
    for (int i = 0; i < rows; i++)
        buf_printf(&expected, i % 7 == 0 ? "[r %d][x\n\"y\"]\n" : "[r %d][z]\n",
                   i);
    assert_int_equal(strlen(got), expected.len);
    assert_memory_equal(got, expected.data, expected.len);
    free(got);
    buf_fini(&expected);
    buf_fini(&text);
}

/* A line without end is refused and does not grow without end. */
static void test_endless_line(void **state) {
    (void)state;
    size_t n = 3 << 20;
    char *text = mem_alloc(n);
    struct csv c;
    bool more = true;
    memset(text, 'x', n);
    open_text(&c, text, n);
    bt_status s = BT_OK;
    while (s == BT_OK && more)
        s = csv_fill(&c, &more);
    assert_int_equal(s, BT_E_DATA);
    assert_non_null(strstr(bt_error_message(), "longer than 1048576 bytes"));
    csv_fini(&c);
    free(text);
}

/* A quote that is never closed costs one line even in a large file. */
static void test_unclosed_in_large_file(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text);
    buf_str(&text, "\"a,b\n");
    for (int i = 0; i < 40000; i++)
        buf_str(&text, "c,d\n");
    char *got = taken_apart(text.data, ',');
    assert_int_equal(strncmp(got, "~\n[c][d]\n", 9), 0);
    assert_int_equal(strlen(got), 2 + 40000 * 7);
    free(got);
    buf_fini(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_lines_are_counted),
        cmocka_unit_test(test_window_slides),
        cmocka_unit_test(test_endless_line),
        cmocka_unit_test(test_unclosed_in_large_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
