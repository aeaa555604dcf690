/* A bundle's own fields and the facts of its assets: kept, hashed, shown. */
#include "bundle_fixture.h"

#include "portal/portal.h"
#include "store/bundle.h"
#include "store/column.h"
#include "store/fact.h"
#include "store/field.h"
#include "store/pool.h"

static const double gap = (double)NAN;
static const double aaa[] = {10, 11, gap, 13, 14};
static const double bbb[] = {20, 21};

static bt_time day(int k) {
    return (10000 + k) * FIXTURE_DAY;
}

static struct builder *begin(const char *name) {
    struct builder *b;
    struct bar bars[5];
    int64_t n = 0;
    assert_int_equal(builder_open(fixture_folder, name, "1d", &b), BT_OK);
    for (int k = 0; k < 5; k++)
        if (!isnan(aaa[k]))
            bars[n++] = fixture_bar(10000 + k, aaa[k]);
    assert_int_equal(builder_asset(b, "AAA", bars, n), BT_OK);
    for (int k = 0; k < 2; k++)
        bars[k] = fixture_bar(10002 + k, bbb[k]);
    assert_int_equal(builder_asset(b, "BBB", bars, 2), BT_OK);
    return b;
}

static void put(struct builder *b, const char *field, const char *symbol, int k,
                double value) {
    assert_int_equal(builder_value(b, field, symbol, day(k), value), BT_OK);
}

static void tell(struct builder *b, const char *symbol, const char *name,
                 const char *value) {
    assert_int_equal(builder_fact(b, symbol, name, value), BT_OK);
}

static void end(struct builder *b, char sha[65]) {
    if (builder_commit(b, "{}", 0, sha) != BT_OK)
        fail_msg("%s", bt_error_message());
}

static bt_bundle *acquire(const char *name) {
    bt_bundle *b;
    if (bt_bundle_acquire(name, &b) != BT_OK)
        fail_msg("%s", bt_error_message());
    return b;
}

static const double *column(bt_bundle *b, int32_t sid, int32_t field) {
    const double *x;
    if (bundle_column(b, sid, field, &x) != BT_OK)
        fail_msg("%s", bt_error_message());
    return x;
}

static void test_fields_are_kept(void **state) {
    (void)state;
    char sha[65];
    struct builder *w = begin("own");
    put(w, "signal", "AAA", 0, -1.5);
    put(w, "signal", "AAA", 3, 0.0);
    put(w, "funding", "BBB", 2, 1e-4);
    end(w, sha);
    bt_bundle *b = acquire("own");
    assert_int_equal(bt_bundle_fields(b), BT_FIELDS + 2);
    assert_string_equal(bt_bundle_field(b, BT_FIELDS), "funding");
    assert_string_equal(bt_bundle_field(b, BT_FIELDS + 1), "signal");
    assert_string_equal(bt_bundle_field(b, BT_FIELD_PRICE), "price");
    assert_null(bt_bundle_field(b, BT_FIELDS + 2));
    assert_null(bt_bundle_field(b, -1));
    assert_int_equal(bt_bundle_find_field(b, "signal"), BT_FIELDS + 1);
    assert_int_equal(bt_bundle_find_field(b, "close"), BT_FIELD_CLOSE);
    assert_int_equal(bt_bundle_find_field(b, "Signal"), -1);
    const double *x = column(b, 0, BT_FIELDS + 1);
    assert_true(x[0] == -1.5 && isnan(x[1]) && isnan(x[2]) && x[3] == 0);
    assert_true(isnan(x[-1]) && isnan(x[-column_apron_rows()]));
    x = column(b, 1, BT_FIELDS + 1);
    for (int k = 0; k < 5; k++)
        assert_true(isnan(x[k]));
    assert_true(column(b, 1, BT_FIELDS)[2] == 1e-4);
    assert_true(column(b, 0, BT_FIELD_CLOSE)[4] == 14);
    const double *none;
    assert_int_equal(bundle_column(b, 0, BT_FIELDS + 2, &none), BT_E_RANGE);
    assert_int_equal(bundle_column(b, 0, BT_FIELD_PRICE, &none), BT_E_RANGE);
    bt_bundle_release(b);
    assert_int_equal(bt_bundle_verify("own"), BT_OK);
}

static void test_order_does_not_matter(void **state) {
    (void)state;
    char one[65], two[65], other[65], plain[65];
    struct builder *w = begin("one");
    put(w, "signal", "AAA", 0, 1);
    put(w, "funding", "AAA", 0, 2);
    tell(w, "AAA", "tick_size", "0.010");
    tell(w, "AAA", "name", "Triple A");
    end(w, one);
    w = begin("two");
    tell(w, "AAA", "name", "Triple A");
    tell(w, "AAA", "tick_size", "1e-2");
    put(w, "funding", "AAA", 0, 2);
    put(w, "signal", "AAA", 0, 1);
    end(w, two);
    assert_string_equal(one, two);
    w = begin("other");
    put(w, "signal", "AAA", 0, 1);
    put(w, "funding", "AAA", 1, 2);
    tell(w, "AAA", "name", "Triple A");
    tell(w, "AAA", "tick_size", "0.01");
    end(w, other);
    assert_string_not_equal(one, other);
    end(begin("plain"), plain);
    assert_string_not_equal(plain, one);
}

static void test_facts(void **state) {
    (void)state;
    char sha[65], changed[65];
    struct builder *w = begin("facts");
    tell(w, "AAA", "tick_size", "0.05");
    tell(w, "AAA", "lot_size", "100");
    tell(w, "AAA", "multiplier", "50.0");
    tell(w, "AAA", "exchange", "XNYS");
    tell(w, "AAA", "name", "Alpha, Alpha & Co");
    tell(w, "AAA", "first_date", "1997-05-19");
    tell(w, "AAA", "last_date", "2001-01-02");
    tell(w, "BBB", "name", "");
    end(w, sha);
    bt_bundle *b = acquire("facts");
    bt_asset_facts f;
    bt_bundle_get_facts(b, 0, &f);
    assert_true(f.tick_size == 0.05 && f.lot_size == 100 && f.multiplier == 50);
    assert_string_equal(f.exchange, "XNYS");
    assert_string_equal(f.name, "Alpha, Alpha & Co");
    /* 10000 days after 1970-01-01 is 1997-05-19 */
    assert_true(f.first_date == 10000 * 86400.0);
    assert_true(f.last_date == 11324 * 86400.0);
    bt_bundle_get_facts(b, 1, &f);
    assert_true(f.tick_size == 0 && f.lot_size == 0 && f.multiplier == 1);
    assert_true(isnan(f.first_date) && isnan(f.last_date));
    assert_string_equal(f.name, "");
    bt_bundle_release(b);
    w = begin("facts");
    tell(w, "AAA", "tick_size", "0.01");
    end(w, changed);
    assert_string_not_equal(sha, changed);
    b = acquire("facts");
    bt_bundle_get_facts(b, 0, &f);
    assert_true(f.tick_size == 0.01);
    bt_bundle_release(b);
}

static void refuse_fact(const char *name, const char *value, bt_status code,
                        const char *part) {
    struct fact_list l = {0};
    assert_int_equal(fact_list_put(&l, "a.csv:2", name, value), code);
    assert_message(part);
    assert_int_equal(l.count, 0);
}

static void test_bad_facts(void **state) {
    (void)state;
    refuse_fact("ticksize", "1", BT_E_NAME, "did you mean 'tick_size'?");
    refuse_fact("colour", "red", BT_E_NAME, "there are exchange, ");
    refuse_fact("tick_size", "0", BT_E_DATA, "a.csv:2: tick_size '0'");
    refuse_fact("lot_size", "-1", BT_E_DATA, "not a number above 0");
    refuse_fact("multiplier", "x", BT_E_DATA, "not a number above 0");
    refuse_fact("first_date", "2001-13-01", BT_E_DATA, "not a date");
    refuse_fact("last_date", "2001-01-01 10:00", BT_E_DATA, "not a date");
    refuse_fact("name", "a\nb", BT_E_DATA, "control character");
}

static void test_names(void **state) {
    (void)state;
    char out[FIELD_NAME_MAX + 1];
    static const char *const pairs[][2] = {
        {"Funding Rate", "funding_rate"}, {"signal", "signal"},
        {" VIX (close) ", "vix_close"},   {"_a--b_", "_a_b"},
        {"\xc3\x89tat", "\xc3\x89tat"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(field_name(pairs[i][0], out), BT_OK);
        assert_string_equal(out, pairs[i][1]);
    }
    assert_int_equal(field_name("2nd", out), BT_E_USAGE);
    assert_int_equal(field_name("%", out), BT_E_USAGE);
    assert_int_equal(field_name("Close", out), BT_E_USAGE);
    assert_message("that of a field every bundle has");
    assert_int_equal(field_check_name("Signal"), BT_E_USAGE);
}

/* An indicator runs over the bars that have a value: sma(2) of 1, 2, 4. */
static void test_shown_by_portals(void **state) {
    (void)state;
    char sha[65];
    struct builder *w = begin("shown");
    put(w, "signal", "AAA", 0, 1);
    put(w, "signal", "AAA", 2, 100); /* AAA has no bar there */
    put(w, "signal", "AAA", 3, 2);
    put(w, "signal", "AAA", 4, 4);
    end(w, sha);
    bt_bundle *b = acquire("shown");
    struct portal *p;
    assert_int_equal(portal_new(b, &p), BT_OK);
    bt_portal *public = portal_public(p);
    assert_int_equal(public->fields, BT_FIELDS + 1);
    assert_int_equal(bt_portal_column(public, 0, BT_FIELDS), BT_OK);
    assert_true(public->hidden_series[BT_FIELDS].hidden_data[2] == 100);
    assert_int_equal(bt_portal_column(public, 1, BT_FIELD_CLOSE), BT_OK);
    assert_true(
        public->hidden_series[public->fields + BT_FIELD_CLOSE].hidden_data[3] ==
        21);
    assert_int_equal(bt_portal_column(public, 0, BT_FIELDS + 1), BT_E_RANGE);
    const double two = 2;
    bt_handle handle = {0}, *handles[] = {&handle};
    bt_indicator_request q = {"sma", 0, BT_FIELDS, 0, 0, -1, 1, &two};
    assert_int_equal(bt_portal_indicator(public, &q, handles), BT_OK);
    const double *sma = handle.hidden_data;
    assert_true(isnan(sma[0]) && isnan(sma[1]) && isnan(sma[2]));
    assert_true(sma[3] == 1.5 && sma[4] == 3);
    q.field++;
    assert_int_equal(bt_portal_indicator(public, &q, handles), BT_E_RANGE);
    portal_free(p);
    bt_bundle_release(b);
}

static void test_bad_fields(void **state) {
    (void)state;
    char sha[65];
    struct builder *w = begin("bad");
    put(w, "Big", "AAA", 0, 1);
    assert_int_equal(builder_commit(w, "{}", 0, sha), BT_E_USAGE);
    w = begin("bad");
    put(w, "signal", "AAA", 0, (double)INFINITY);
    end(w, sha);
    bt_bundle *b;
    assert_int_equal(bt_bundle_acquire("bad", &b), BT_E_DATA);
    assert_message("signal of AAA is infinite at row 0");
}

static int teardown(void **state) {
    pool_clear();
    return fixture_teardown(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fields_are_kept, fixture_setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_order_does_not_matter,
                                        fixture_setup, teardown),
        cmocka_unit_test_setup_teardown(test_facts, fixture_setup, teardown),
        cmocka_unit_test(test_bad_facts),
        cmocka_unit_test(test_names),
        cmocka_unit_test_setup_teardown(test_shown_by_portals, fixture_setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_bad_fields, fixture_setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
