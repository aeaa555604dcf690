/* Lines on stderr, and who is quiet when; the clocks. */
#include "base/clock.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* What speak() writes to stderr. */
static const char *heard(void (*speak)(void)) {
    static char text[16384];
    int ends[2], kept = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    speak();
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    size_t used = 0;
    ssize_t n;
    while ((n = read(ends[0], text + used, sizeof text - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = '\0';
    close(ends[0]);
    return text;
}

static void speak(void) {
    log_warn("%d rows skipped", 3);
    log_verbose("policy %s", "one");
}

static void speak_at_length(void) {
    char text[9000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    log_warn("%s", text);
}

static void levels(void **state) {
    (void)state;
    assert_int_equal(log_level(), LOG_NORMAL);
    assert_string_equal(heard(speak), "backlua: warning: 3 rows skipped\n");
    log_set_level(LOG_VERBOSE);
    assert_string_equal(heard(speak), "backlua: warning: 3 rows skipped\n"
                                      "backlua: policy one\n");
    log_set_level(LOG_QUIET);
    assert_string_equal(heard(speak), "");
    log_set_level(LOG_NORMAL);
}

static void long_lines_are_cut_and_ended(void **state) {
    (void)state;
    const char *text = heard(speak_at_length);
    size_t n = strlen(text);
    assert_in_range(n, 1000, 1025);
    assert_ptr_equal(strchr(text, '\n'), text + n - 1);
}

static void clocks_tell_seconds_and_microseconds(void **state) {
    (void)state;
    double before = clock_monotonic();
    struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
    double passed = clock_monotonic() - before;
    assert_true(passed >= 0.002 && passed < 10);
    int64_t wall = clock_wall_us();
    assert_true(wall / 1000000 - time(NULL) <= 1);
    assert_true(wall / 1000000 - time(NULL) >= -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels),
        cmocka_unit_test(long_lines_are_cut_and_ended),
        cmocka_unit_test(clocks_tell_seconds_and_microseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
