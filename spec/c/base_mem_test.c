/* Allocation: never NULL, zeroed when asked, ends the process when out. */
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void nothing_is_something(void **state) {
    (void)state;
    void *p = mem_alloc(0), *q = mem_zalloc(0, 8), *r = mem_realloc(NULL, 0);
    assert_non_null(p);
    assert_non_null(q);
    assert_non_null(r);
    free(p);
    free(q);
    free(r);
}

static void zalloc_zeroes(void **state) {
    (void)state;
    static const char zeros[3000];
    char *p = mem_zalloc(1000, 3);
    assert_memory_equal(p, zeros, sizeof zeros);
    free(p);
}

static void copies_text(void **state) {
    (void)state;
    char *a = mem_strdup("abc"), *b = mem_strndup("abcdef", 2);
    char *c = mem_strndup("ab\0cd", 5), *d = mem_printf("%d-%s", 7, "x");
    assert_string_equal(a, "abc");
    assert_string_equal(b, "ab");
    assert_string_equal(c, "ab");
    assert_string_equal(d, "7-x");
    free(a);
    free(b);
    free(c);
    free(d);
}

static void grow_doubles_from_16(void **state) {
    (void)state;
    int *list = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < 100; i++) {
        list = mem_grow(list, i, &cap, sizeof *list);
        assert_int_equal(cap, i < 16 ? 16 : i < 32 ? 32 : i < 64 ? 64 : 128);
        list[i] = (int)i;
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(list[i], i);
    free(list);
}

/* Exit code and stderr of a child that asks for too much. */
static int exhaust(void (*ask)(void), char *text, size_t size) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        ask();
        _exit(0);
    }
    close(ends[1]);
    size_t used = 0;
    ssize_t n;
    while ((n = read(ends[0], text + used, size - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = '\0';
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ask_overflowing_product(void) {
    free(mem_zalloc(SIZE_MAX / 4, 8));
}

static void ask_overflowing_growth(void) {
    size_t cap = SIZE_MAX / 8;
    mem_grow(NULL, cap, &cap, 64);
}

static void out_of_memory_is_exit_4(void **state) {
    (void)state;
    void (*asks[])(void) = {ask_overflowing_product, ask_overflowing_growth};
    for (size_t i = 0; i < 2; i++) {
        char text[4096];
#ifdef __SANITIZE_ADDRESS__
        if (i == 0)
            continue; /* the sanitizer has its own opinion of huge callocs */
#endif
        assert_int_equal(exhaust(asks[i], text, sizeof text), 4);
        assert_memory_equal(text, "backlua: out of memory", 22);
        assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_something),
        cmocka_unit_test(zalloc_zeroes),
        cmocka_unit_test(copies_text),
        cmocka_unit_test(grow_doubles_from_16),
        cmocka_unit_test(out_of_memory_is_exit_4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
