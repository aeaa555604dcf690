/* Warnings and progress on stderr.
 *
 * A line is made whole and written by one write(2): lines of workers that share
 * the terminal never interleave, and there is no stdio buffer for a fork to
 * double. Lines are cut at LINE_BYTES.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 4096 };

static enum log_level current = LOG_NORMAL;

void log_set_level(enum log_level level) {
    current = level;
}

enum log_level log_level(void) {
    return current;
}

static void put_line(const char *prefix, const char *fmt, va_list args) {
    char text[LINE_BYTES], line[LINE_BYTES + 32];
    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        return;
    snprintf(line, sizeof line - 1, "%s%s", prefix, text);
    size_t used = strlen(line);
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written; /* stderr is where failures are told */
}

void log_warn(const char *fmt, ...) {
    if (current == LOG_QUIET)
        return;
    va_list args;
    va_start(args, fmt);
    put_line("backlua: warning: ", fmt, args);
    va_end(args);
}

void log_verbose(const char *fmt, ...) {
    if (current != LOG_VERBOSE)
        return;
    va_list args;
    va_start(args, fmt);
    put_line("backlua: ", fmt, args);
    va_end(args);
}
