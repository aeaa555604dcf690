/* Damaged and hostile bundles: the fuzzer's corpus, and mutations of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fuzz/bundle.h"
#include "draw.h"

#define CORPUS "spec/fuzz/bundle"

static int setup(void **state) {
    (void)state;
    damage_setup();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    damage_teardown();
    return 0;
}

static void test_corpus(void **state) {
    (void)state;
    char **names;
    size_t count;
    assert_int_equal(fs_list(CORPUS, &names, &count), BT_OK);
    assert_true(count > 30);
    for (size_t i = 0; i < count; i++) {
        struct buf script;
        char *path = fs_join(CORPUS, names[i]);
        buf_init(&script);
        assert_int_equal(fs_read(path, 1 << 16, &script), BT_OK);
        fuzz_bundle(script.data, script.len);
        buf_fini(&script);
        free(path);
        free(names[i]);
    }
    free(names);
}

/* Edits anywhere, half of them under a good seal. */
static void test_mutations(void **state) {
    (void)state;
    for (int i = 0; i < 400; i++) {
        char script[1 + 4 * DAMAGE_EDIT];
        for (size_t k = 0; k < sizeof script; k++)
            script[k] = (char)draw();
        fuzz_bundle(script, 1 + (size_t)(1 + draw_below(4)) * DAMAGE_EDIT);
    }
}

/* STRESS=1 (make stress): ten times as many. */
static int times(int everyday) {
    const char *stress = getenv("STRESS");
    return stress && strcmp(stress, "1") == 0 ? 10 * everyday : everyday;
}

/* Every bit of the columns, and of the catalogue without a new seal, counts:
 * 1,000 of them, one at a time. */
static void test_any_bit(void **state) {
    (void)state;
    for (int i = 0; i < times(1000); i++) {
        bt_bundle *b;
        unsigned char script[1 + DAMAGE_EDIT] = {0, 1};
        for (size_t k = 2; k < sizeof script; k++)
            script[k] = (unsigned char)draw();
        fuzz_bundle((const char *)script, sizeof script);
        assert_int_equal(bundle_open(damage.path, false, &b), BT_E_DATA);
    }
}

/* No edit: the script's own machinery does no damage. */
static void test_whole(void **state) {
    (void)state;
    bt_bundle *b;
    bt_bundle_info info;
    for (char seal = 0; seal < 2; seal++) {
        fuzz_bundle(&seal, 1);
        assert_int_equal(bundle_open(damage.path, false, &b), BT_OK);
        bt_bundle_get_info(b, &info);
        assert_string_equal(info.sha256, damage.sha);
        bundle_close(b, true);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_any_bit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
