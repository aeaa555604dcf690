/* Recency lists: order of eviction, pins, budgets, and a random walk against a
 * plain list. */
#include "base/lru.h"

#include "draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Values are texts; what is dropped is noted here, one letter each. */
static char dropped[64];

static void note_drop(void *value, void *ctx) {
    assert_ptr_equal(ctx, dropped);
    strncat(dropped, value, sizeof dropped - strlen(dropped) - 1);
}

static struct lru *make(size_t entries, size_t bytes) {
    dropped[0] = '\0';
    return lru_new(entries, bytes, note_drop, dropped);
}

static void put(struct lru *l, const char *key, size_t bytes) {
    lru_put(l, key, (void *)(uintptr_t)key, bytes);
    assert_true(lru_check(l));
}

static void evicts_the_oldest(void **state) {
    (void)state;
    struct lru *l = make(3, 0);
    put(l, "a", 1);
    put(l, "b", 1);
    put(l, "c", 1);
    assert_string_equal(lru_get(l, "a"), "a");  /* now b is the oldest */
    assert_string_equal(lru_peek(l, "b"), "b"); /* a look moves nothing */
    put(l, "d", 1);
    assert_string_equal(dropped, "b");
    put(l, "e", 1);
    assert_string_equal(dropped, "bc");
    lru_free(l);
    assert_int_equal(strlen(dropped), 5);
}

static void counts_hits_and_misses(void **state) {
    (void)state;
    struct lru *l = make(2, 0);
    put(l, "a", 5);
    lru_get(l, "a");
    lru_get(l, "x");
    lru_get(l, "a");
    lru_peek(l, "x");
    put(l, "b", 6);
    put(l, "c", 7);
    struct lru_stats s = lru_stats(l);
    assert_int_equal(s.hits, 2);
    assert_int_equal(s.misses, 1);
    assert_int_equal(s.evictions, 1);
    assert_int_equal(s.entries, 2);
    assert_int_equal(s.bytes, 13);
    lru_free(l);
}

static void pins_win_over_the_budget(void **state) {
    (void)state;
    struct lru *l = make(0, 10);
    put(l, "a", 6);
    lru_pin(l, "a");
    lru_pin(l, "a");
    put(l, "b", 6);
    assert_string_equal(dropped, "");
    assert_int_equal(lru_stats(l).bytes, 12); /* the overshoot shows */
    put(l, "c", 4);
    assert_string_equal(dropped, "b"); /* not a, which is older */
    assert_false(lru_remove(l, "a"));
    lru_unpin(l, "a");
    put(l, "d", 1);
    assert_string_equal(dropped, "bc"); /* still pinned once */
    lru_unpin(l, "a");                  /* 7 of 10 bytes: stays */
    assert_string_equal(dropped, "bc");
    put(l, "e", 4);
    assert_string_equal(dropped, "bca");
    lru_free(l);
}

static void unpinning_brings_the_budget_back(void **state) {
    (void)state;
    struct lru *l = make(1, 0);
    put(l, "a", 1);
    lru_pin(l, "a");
    put(l, "b", 1);
    lru_pin(l, "b");
    lru_unpin(l, "a");
    assert_string_equal(dropped, "a");
    lru_unpin(l, "b");
    assert_string_equal(dropped, "a");
    lru_unpin(l, "b"); /* once too often: nothing */
    lru_unpin(l, "nobody");
    lru_pin(l, "nobody");
    assert_true(lru_check(l));
    lru_free(l);
}

static void what_was_just_put_stays(void **state) {
    (void)state;
    struct lru *l = make(0, 10);
    put(l, "a", 5);
    put(l, "b", 50);
    assert_string_equal(dropped, "a");
    assert_string_equal(lru_peek(l, "b"), "b");
    put(l, "c", 5);
    assert_string_equal(dropped, "ab");
    lru_free(l);
}

static void put_replaces(void **state) {
    (void)state;
    struct lru *l = make(2, 0);
    put(l, "a", 3);
    char other[] = "A";
    lru_put(l, "a", other, 4);
    assert_string_equal(dropped, "a");
    assert_string_equal(lru_peek(l, "a"), "A");
    assert_int_equal(lru_stats(l).bytes, 4);
    assert_int_equal(lru_stats(l).evictions, 0);
    lru_free(l);
}

static void limits_may_change(void **state) {
    (void)state;
    struct lru *l = make(0, 0);
    put(l, "a", 3);
    put(l, "b", 3);
    put(l, "c", 3);
    lru_set_limits(l, 2, 0);
    assert_string_equal(dropped, "a");
    lru_set_limits(l, 0, 3);
    assert_string_equal(dropped, "ab");
    lru_pin(l, "c");
    put(l, "d", 1);
    lru_clear(l);
    assert_string_equal(dropped, "abd");
    assert_int_equal(lru_stats(l).entries, 1);
    lru_free(l);
    assert_string_equal(dropped, "abdc");
}

static void walks_newest_first(void **state) {
    (void)state;
    struct lru *l = make(0, 0);
    put(l, "a", 1);
    put(l, "b", 1);
    put(l, "c", 1);
    lru_get(l, "a");
    char seen[8] = "";
    void *it = NULL;
    const char *key;
    while (lru_next(l, &it, &key, NULL))
        strncat(seen, key, 1);
    assert_string_equal(seen, "acb");
    assert_true(lru_remove(l, "c"));
    assert_false(lru_remove(l, "c"));
    assert_true(lru_check(l));
    lru_free(l);
}

/* ---- a random walk against the plainest list ------------------------------
 */

struct item {
    int key, pins;
    size_t bytes;
};
static struct item model[64]; /* newest first */
static size_t model_count;

static size_t model_find(int key) {
    size_t i = 0;
    while (i < model_count && model[i].key != key)
        i++;
    return i;
}

static void model_remove(size_t at) {
    model_count--;
    memmove(model + at, model + at + 1, (model_count - at) * sizeof *model);
}

static void model_insert(struct item item) {
    memmove(model + 1, model, model_count * sizeof *model);
    model[0] = item;
    model_count++;
}

static size_t model_bytes(void) {
    size_t sum = 0;
    for (size_t i = 0; i < model_count; i++)
        sum += model[i].bytes;
    return sum;
}

static void model_evict(size_t first) {
    for (size_t i = model_count; i-- > first;)
        if ((model_count > 8 || model_bytes() > 100) && !model[i].pins)
            model_remove(i);
}

static void compare(const struct lru *l) {
    void *it = NULL;
    const char *key;
    size_t n = 0;
    assert_true(lru_check(l));
    while (lru_next(l, &it, &key, NULL)) {
        char want[16];
        snprintf(want, sizeof want, "%d", model[n].key);
        assert_string_equal(key, want);
        n++;
    }
    assert_int_equal(n, model_count);
    assert_int_equal(lru_stats(l).bytes, model_bytes());
}

static void model_step(struct lru *l, int key, const char *name) {
    size_t at = model_find(key);
    bool here = at < model_count;
    switch (draw_below(5)) {
    case 0:
        assert_int_equal(lru_get(l, name) != NULL, here);
        if (here) {
            struct item item = model[at];
            model_remove(at);
            model_insert(item);
        }
        break;
    case 1:
        lru_pin(l, name);
        if (here)
            model[at].pins++;
        break;
    case 2:
        lru_unpin(l, name);
        if (here && model[at].pins > 0) {
            model[at].pins--;
            model_evict(0);
        }
        break;
    case 3:
        assert_int_equal(lru_remove(l, name), here && !model[at].pins);
        if (here && !model[at].pins)
            model_remove(at);
        break;
    default:
        if (here && model[at].pins)
            break; /* not allowed */
        struct item item = {key, 0, (size_t)draw_below(40)};
        lru_put(l, name, model, item.bytes);
        if (here)
            model_remove(at);
        model_insert(item);
        model_evict(1);
    }
}

static void agrees_with_a_plain_list(void **state) {
    (void)state;
    struct lru *l = lru_new(8, 100, NULL, NULL);
    for (int step = 0; step < 30000; step++) {
        char name[16];
        int key = (int)draw_below(20);
        snprintf(name, sizeof name, "%d", key);
        model_step(l, key, name);
        compare(l);
    }
    lru_free(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evicts_the_oldest),
        cmocka_unit_test(counts_hits_and_misses),
        cmocka_unit_test(pins_win_over_the_budget),
        cmocka_unit_test(unpinning_brings_the_budget_back),
        cmocka_unit_test(what_was_just_put_stays),
        cmocka_unit_test(put_replaces),
        cmocka_unit_test(limits_may_change),
        cmocka_unit_test(walks_newest_first),
        cmocka_unit_test(agrees_with_a_plain_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
