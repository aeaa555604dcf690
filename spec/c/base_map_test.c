/* Maps: against a plain array under random puts and removals. */
#include "base/map.h"

#include "draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 300 };

static int things[KEYS];

/* The keys present, in insertion order. */
static int model[KEYS], model_count;

static int model_find(int key) {
    for (int i = 0; i < model_count; i++)
        if (model[i] == key)
            return i;
    return -1;
}

static void model_remove(int at) {
    model_count--;
    memmove(model + at, model + at + 1,
            (size_t)(model_count - at) * sizeof *model);
}

static const char *key_text(int key) {
    static char text[32];
    snprintf(text, sizeof text, "key-%d", key);
    return text;
}

static void compare(const struct map *m) {
    size_t it = 0;
    const char *key;
    void *value;
    int n = 0;
    while (map_next(m, &it, &key, &value)) {
        assert_true(n < model_count);
        assert_string_equal(key, key_text(model[n]));
        assert_ptr_equal(value, &things[model[n]]);
        n++;
    }
    assert_int_equal(n, model_count);
    assert_int_equal(map_count(m), model_count);
}

static void agrees_with_a_list(void **state) {
    (void)state;
    struct map *m = map_new();
    model_count = 0;
    for (int step = 0; step < 60000; step++) {
        int key = (int)draw_below(KEYS);
        int at = model_find(key);
        assert_ptr_equal(map_get(m, key_text(key)),
                         at < 0 ? NULL : &things[key]);
        /* phases of growth and of shrinking */
        if (draw_below(100) < (step / 5000 % 2 ? 30 : 70)) {
            map_put(m, key_text(key), &things[key]);
            if (at < 0)
                model[model_count++] = key;
        } else {
            assert_ptr_equal(map_del(m, key_text(key)),
                             at < 0 ? NULL : &things[key]);
            if (at >= 0)
                model_remove(at);
        }
        if (step % 97 == 0)
            compare(m);
    }
    map_free(m);
}

static void put_replaces_in_place(void **state) {
    (void)state;
    struct map *m = map_new();
    char key[] = "a";
    map_put(m, key, &things[0]);
    key[0] = 'b'; /* keys are copied */
    map_put(m, key, &things[1]);
    map_put(m, "a", &things[2]);
    size_t it = 0;
    const char *name;
    void *value;
    assert_true(map_next(m, &it, &name, &value));
    assert_string_equal(name, "a");
    assert_ptr_equal(value, &things[2]);
    assert_true(map_next(m, &it, &name, NULL));
    assert_string_equal(name, "b");
    assert_false(map_next(m, &it, NULL, NULL));
    map_free(m);
}

static void may_be_emptied_while_walking(void **state) {
    (void)state;
    struct map *m = map_new();
    for (int i = 0; i < 50; i++)
        map_put(m, key_text(i), &things[i]);
    size_t it = 0;
    const char *key;
    int n = 0;
    while (map_next(m, &it, &key, NULL)) {
        char copy[32];
        snprintf(copy, sizeof copy, "%s", key);
        assert_ptr_equal(map_del(m, copy), &things[n++]);
    }
    assert_int_equal(n, 50);
    assert_int_equal(map_count(m), 0);
    map_free(m);
}

static void empty_map_answers(void **state) {
    (void)state;
    struct map *m = map_new();
    size_t it = 0;
    assert_null(map_get(m, ""));
    assert_null(map_del(m, "x"));
    assert_false(map_next(m, &it, NULL, NULL));
    map_put(m, "", &things[3]);
    assert_ptr_equal(map_get(m, ""), &things[3]);
    map_free(m);
    map_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_list),
        cmocka_unit_test(put_replaces_in_place),
        cmocka_unit_test(may_be_emptied_while_walking),
        cmocka_unit_test(empty_map_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
