/* Frames: what is written comes back, what is bent is refused. */
#include "proc/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void two_records(struct buf *b) {
    wire_begin(b);
    wire_record(b, -7, 0.25, "abc", 3);
    wire_record(b, INT64_MAX, 0, "", 0);
    wire_finish(b, WIRE_REPLIES, -7, 0, 1);
}

static void records_come_back(void **state) {
    (void)state;
    struct buf b;
    struct wire_frame f;
    struct wire_record r;
    const char *why;
    size_t at = 0;
    buf_init(&b);
    two_records(&b);
    assert_int_equal(b.len, WIRE_HEAD + 2 * WIRE_RECORD_HEAD + 3);
    assert_true(wire_parse(b.data, b.len, &f, &why));
    assert_int_equal(f.type, WIRE_REPLIES);
    assert_true(f.ticket == -7);
    assert_true(wire_next(&f, &at, &r, &why));
    assert_true(r.ticket == -7 && r.seconds == 0.25 && r.length == 3);
    assert_memory_equal(r.bytes, "abc", 3);
    assert_true(wire_next(&f, &at, &r, &why));
    assert_true(r.ticket == INT64_MAX && r.length == 0);
    assert_false(wire_next(&f, &at, &r, &why));
    assert_null(why);
    buf_fini(&b);
}

static void a_flipped_bit_anywhere_is_seen(void **state) {
    (void)state;
    struct buf b;
    struct wire_frame f;
    const char *why;
    buf_init(&b);
    two_records(&b);
    for (size_t i = 0; i < b.len * 8; i++) {
        b.data[i / 8] ^= (char)(1 << i % 8);
        assert_false(wire_parse(b.data, b.len, &f, &why));
        assert_non_null(why);
        b.data[i / 8] ^= (char)(1 << i % 8);
    }
    for (size_t n = 0; n < b.len; n++)
        assert_false(wire_parse(b.data, n, &f, &why));
    buf_fini(&b);
}

/* Frames with a right checksum and wrong fields, as a bug would make them. */
static void senseless_frames_are_refused(void **state) {
    (void)state;
    struct buf b;
    struct wire_frame f;
    const char *why;
    buf_init(&b);
    static const struct {
        int type;
        uint32_t chunk, chunks;
        size_t bytes;
    } bad[] = {
        {0, 0, 1, 3},
        {5, 0, 1, 3},
        {WIRE_REPLIES, 1, 2, 3},
        {WIRE_CHUNK, 2, 2, 3},
        {WIRE_CHUNK, 0, 1, 3},
        {WIRE_CHUNK, 0, WIRE_CHUNKS_MAX + 1, 3},
        {WIRE_HELLO, 0, 1, 3},
        {WIRE_REPLIES, 0, 1, 0},
        {WIRE_REPLIES, 0, 1, WIRE_FRAME_MAX},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char zeros[WIRE_FRAME_MAX] = {0};
        wire_begin(&b);
        buf_add(&b, zeros, bad[i].bytes);
        wire_finish(&b, (enum wire_type)bad[i].type, 0, bad[i].chunk,
                    bad[i].chunks);
        assert_false(wire_parse(b.data, b.len, &f, &why));
    }
    buf_fini(&b);
}

static void records_past_the_end_are_refused(void **state) {
    (void)state;
    struct buf b;
    struct wire_frame f;
    struct wire_record r;
    const char *why;
    buf_init(&b);
    for (size_t cut = 1; cut < WIRE_RECORD_HEAD + 3; cut++) {
        size_t at = 0;
        wire_begin(&b);
        wire_record(&b, 1, 0, "abc", 3);
        b.len -= cut;
        wire_finish(&b, WIRE_JOBS, 1, 0, 1);
        assert_true(wire_parse(b.data, b.len, &f, &why));
        assert_false(wire_next(&f, &at, &r, &why));
        assert_string_equal(why, "record");
    }
    wire_begin(&b); /* head and first record name different tickets */
    wire_record(&b, 1, 0, "abc", 3);
    wire_finish(&b, WIRE_JOBS, 2, 0, 1);
    size_t at = 0;
    assert_true(wire_parse(b.data, b.len, &f, &why));
    assert_false(wire_next(&f, &at, &r, &why));
    buf_fini(&b);
}

static void a_full_frame_fits_exactly(void **state) {
    (void)state;
    struct buf b;
    struct wire_frame f;
    const char *why;
    static char bytes[WIRE_RECORD_MAX];
    buf_init(&b);
    wire_begin(&b);
    assert_true(wire_fits(&b, WIRE_RECORD_MAX));
    assert_false(wire_fits(&b, WIRE_RECORD_MAX + 1));
    wire_record(&b, 1, 0, bytes, WIRE_RECORD_MAX);
    assert_false(wire_fits(&b, 0));
    wire_finish(&b, WIRE_JOBS, 1, 0, 1);
    assert_int_equal(b.len, WIRE_FRAME_MAX);
    assert_true(wire_parse(b.data, b.len, &f, &why));
    buf_fini(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(a_flipped_bit_anywhere_is_seen),
        cmocka_unit_test(senseless_frames_are_refused),
        cmocka_unit_test(records_past_the_end_are_refused),
        cmocka_unit_test(a_full_frame_fits_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
