/* The corpora of the fuzzers, replayed: every input that ever failed, and one
 * file of each form there is. */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz/csv.h"
#include "fuzz/fuzz.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void replay(fuzz_target *target, size_t least,
                   const char *const *folders) {
    struct fuzz_corpus c = {0};
    for (; *folders != NULL; folders++)
        fuzz_load(&c, *folders);
    assert_true(c.count >= least);
    for (size_t i = 0; i < c.count; i++)
        target(c.text[i].data, c.text[i].len);
    fuzz_unload(&c);
}

static void test_csv(void **state) {
    (void)state;
    replay(fuzz_csv, 180,
           (const char *const[]){"spec/fuzz/csv", "spec/fixtures/formats",
                                 "spec/fixtures/csv/good",
                                 "spec/fixtures/csv/bad", NULL});
}

/* What a few thousand mutations give, the same ones every time. */
static void test_csv_mutated(void **state) {
    (void)state;
    struct fuzz_corpus c = {0};
    struct rng r;
    fuzz_load(&c, "spec/fuzz/csv");
    fuzz_load(&c, "spec/fixtures/formats");
    rng_seed(&r, 7);
    for (int i = 0; i < 2000; i++)
        fuzz_round(&r, &c, fuzz_csv);
    fuzz_unload(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_csv_mutated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
