/* Warnings and progress on stderr.
 *
 * A line is made whole and written by one write(2): lines of workers that share
 * the terminal never interleave, and there is no stdio buffer for a fork to
 * double. Texts are cut at TEXT_BYTES, and a control byte in one (paths may
 * hold any) is shown as \xHH: a terminal would obey it.
 */
#include "base/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 1024 };

static enum log_level loudness = LOG_NORMAL;

void log_set_level(enum log_level level) {
    loudness = level;
}

enum log_level log_level(void) {
    return loudness;
}

/* text with control bytes shown, a newline at its end; its length. */
static size_t printable(const char *text, char *line) {
    char *at = line;
    for (; *text != '\0'; text++) {
        if (iscntrl((unsigned char)*text))
            at += sprintf(at, "\\x%02X", (unsigned char)*text);
        else
            *at++ = *text;
    }
    *at++ = '\n';
    return (size_t)(at - line);
}

static void put_line(const char *prefix, const char *fmt, va_list args) {
    char text[TEXT_BYTES], line[4 * TEXT_BYTES];
    size_t used = strlen(prefix);
    memcpy(text, prefix, used);
    if (vsnprintf(text + used, sizeof text - used, fmt, args) < 0)
        return;
    ssize_t written = write(STDERR_FILENO, line, printable(text, line));
    (void)written; /* stderr is where failures are told */
}

void log_warn(const char *fmt, ...) {
    if (loudness == LOG_QUIET)
        return;
    va_list args;
    va_start(args, fmt);
    put_line("backlua: warning: ", fmt, args);
    va_end(args);
}

void log_verbose(const char *fmt, ...) {
    if (loudness != LOG_VERBOSE)
        return;
    va_list args;
    va_start(args, fmt);
    put_line("backlua: ", fmt, args);
    va_end(args);
}
