/* The result hash: the worked example of spec/golden/RESULT_HASH.md, whose
 * bytes were put together without this program, and what must and must not
 * change it.
 */
#include "sim_tape.h"

#include "base/digest.h"
#include "sim/result.h"

#include <stdio.h>
#include <string.h>

static const struct tape_bar BARS[] = {
    {0, 100, 100, 100, 100, 50},
    {1, 100, 110, 100, 110, 50},
    {2, 110, 110, 90, 90, 50},
    {3, 100, 100, 100, 100, 50},
};
static const struct tape_asset ALONE[] = {TAPE_ASSET("AB", BARS)};
static const struct tape_asset OTHERS[] = {
    TAPE_ASSET("AA", BARS), TAPE_ASSET("AB", BARS), TAPE_ASSET("AC", BARS)};
static const struct tape_asset RENAMED[] = {TAPE_ASSET("AD", BARS)};

/* The example on asset sid; units: of the first order, 10 in the example. */
static struct rig example(const struct tape_asset *assets, int n, int32_t sid,
                          double units, double recorded) {
    struct rig r = rig_new(assets, n);
    r.config.capital = 1000;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, sid, units);
    rig_step(&r);
    tape_ok(bt_run_record(r.run, "x", recorded));
    rig_step(&r);
    rig_order_flags(&r, sid, BT_ORDER_TARGET, 0, 0);
    rig_step(&r);
    rig_order(&r, sid, 5);
    rig_finish(&r);
    return r;
}

static const char GOLDEN[] =
    "a82978c540af8fd970b32fbabb330d87da9e9025d7f2425322c490ae0f493ced";

static void the_worked_example_has_its_hash(void **state) {
    (void)state;
    struct rig r = example(ALONE, 1, 0, 10, NAN);
    assert_string_equal(r.result->hash, GOLDEN);
    rig_free(&r);
}

static void assets_that_do_not_trade_change_nothing(void **state) {
    (void)state;
    struct rig r = example(OTHERS, 3, 1, 10, NAN);
    assert_string_equal(r.result->hash, GOLDEN);
    rig_free(&r);
}

static void there_is_one_nan(void **state) {
    (void)state;
    struct rig r = example(ALONE, 1, 0, 10, -NAN);
    assert_string_equal(r.result->hash, GOLDEN);
    rig_free(&r);
}

static void what_differs_has_another_hash(void **state) {
    (void)state;
    struct rig name = example(RENAMED, 1, 0, 10, NAN);
    struct rig size = example(ALONE, 1, 0, 9, NAN);
    struct rig record = example(ALONE, 1, 0, 10, 0);
    struct rig sign = example(ALONE, 1, 0, 10, -0.0);
    assert_string_not_equal(name.result->hash, GOLDEN);
    assert_string_not_equal(size.result->hash, GOLDEN);
    assert_string_not_equal(record.result->hash, GOLDEN);
    assert_string_not_equal(sign.result->hash, record.result->hash);
    rig_free(&name);
    rig_free(&size);
    rig_free(&record);
    rig_free(&sign);
}

struct part {
    void *at;
    size_t size;
    const void *other;
};

/* The hash of a result one part of which is another; as it is when part is
 * NULL. */
static void hash_with(const struct rig *r, const struct part *part,
                      char out[65]) {
    unsigned char kept[8];
    if (part) {
        memcpy(kept, part->at, part->size);
        memcpy(part->at, part->other, part->size);
    }
    hash_result(r->result, r->config.bundle, out);
    if (part)
        memcpy(part->at, kept, part->size);
}

/* What is written only where it is not as usual: none stands for another, nor
 * for nothing. Each is changed alone, to a number that others take as well. */
static void each_part_of_a_row_counts(void **state) {
    (void)state;
    struct rig r = example(ALONE, 1, 0, 10, NAN);
    bt_order *o = (bt_order *)&r.result->order[1];
    bt_fill *f = (bt_fill *)&r.result->fill[0];
    const int32_t whole = 7;
    const bt_time when = 7;
    const double real = 7;
#define INT(member)                                                            \
    { &(member), sizeof whole, &whole }
#define TIME(member)                                                           \
    { &(member), sizeof when, &when }
#define REAL(member)                                                           \
    { &(member), sizeof real, &real }
    const struct part parts[] = {INT(o->kind),
                                 INT(o->status),
                                 INT(o->reason),
                                 INT(o->flags),
                                 INT(o->tif),
                                 INT(o->parent),
                                 INT(o->oco),
                                 TIME(o->created),
                                 TIME(o->ended),
                                 TIME(o->until),
                                 REAL(o->request),
                                 REAL(o->amount),
                                 REAL(o->filled),
                                 REAL(o->limit),
                                 REAL(o->stop),
                                 REAL(o->trail),
                                 REAL(o->trail_percent),
                                 REAL(o->limit_offset),
                                 INT(f->order_id),
                                 TIME(f->time),
                                 REAL(f->amount),
                                 REAL(f->price),
                                 REAL(f->commission),
                                 REAL(f->slippage)};
    enum { PARTS = sizeof parts / sizeof *parts };
    char seen[PARTS + 1][65];
    hash_with(&r, NULL, seen[PARTS]);
    assert_string_equal(seen[PARTS], GOLDEN);
    for (int i = 0; i < PARTS; i++) {
        hash_with(&r, &parts[i], seen[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
        assert_string_not_equal(seen[i], GOLDEN);
    }
    rig_free(&r);
}

/* The layout once more, value by value, of a result without orders. */
static void plain_hash(const bt_result *r, char out[65]) {
    struct digest *d = digest_new();
    uint8_t times[DIGEST_BYTES], bytes[DIGEST_BYTES];
    digest_str(d, "backlua result 3");
    for (int section = 0; section < 3; section++)
        digest_i64(d, 0);
    digest_i64(d, r->bars);
    digest_bytes(r->times, (size_t)r->bars * sizeof *r->times, times);
    digest_add(d, times, sizeof times);
    for (int32_t i = 0; i < r->bars; i++)
        digest_f64(d, r->value[i]);
    digest_i64(d, 1);
    digest_i64(d, 0);
    digest_f64(d, r->cash[0]);
    digest_i64(d, r->records);
    for (int32_t i = 0; i < r->records; i++) {
        digest_i64(d, r->record[i].time);
        digest_str(d, bt_result_record_name(r, r->record[i].name));
        digest_f64(d, r->record[i].value);
    }
    digest_i64(d, BT_METRICS);
    for (int32_t i = 0; i < BT_METRICS; i++) {
        digest_str(d, bt_metric_name(i));
        digest_f64(d, r->metrics[i]);
    }
    digest_end(d, bytes);
    digest_hex(bytes, out);
    digest_free(d);
}

/* 4,000 records are some 130 KB: more than one block. */
static void long_results_are_hashed_like_short_ones(void **state) {
    (void)state;
    struct rig r = rig_new(ALONE, 1);
    char name[32], want[65];
    rig_start(&r);
    for (int day = 0; day < 4; day++) {
        rig_step(&r);
        for (int i = 0; i < 1000; i++) {
            snprintf(name, sizeof name, "record %d", i);
            tape_ok(bt_run_record(r.run, name, i * 0.5));
        }
    }
    rig_finish(&r);
    assert_int_equal(r.result->records, 4000);
    plain_hash(r.result, want);
    assert_string_equal(r.result->hash, want);
    rig_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_has_its_hash),
        cmocka_unit_test(assets_that_do_not_trade_change_nothing),
        cmocka_unit_test(there_is_one_nan),
        cmocka_unit_test(long_results_are_hashed_like_short_ones),
        cmocka_unit_test(what_differs_has_another_hash),
        cmocka_unit_test(each_part_of_a_row_counts),
    };
    return cmocka_run_group_tests_name("sim result hash", tests, NULL,
                                       tape_teardown);
}
