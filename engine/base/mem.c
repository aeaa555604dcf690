/* Allocation that does not return NULL.
 *
 * Out of memory ends the process by _exit(4): no exit handlers, since this may
 * be a forked worker whose handlers belong to the parent. Whatever a study
 * reported as saved is on disk by then, and the parent sees a worker that went
 * away, which it can handle, instead of one that limps.
 *
 * A worker's soft limit is for the script that runs there: a heap that grows
 * without end meets it and fails alone. What the engine needs for that script,
 * such as indicators of thousands of assets, is known to be of use, and goes up
 * to the hard limit.
 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_OUT_OF_MEMORY = 4, GROW_FROM = 16, RAISE_BY = 4 << 20 };

static bool may_raise;

void mem_may_raise_limit(void) {
    may_raise = true;
}

bool mem_raise_limit(size_t bytes) {
    struct rlimit now;
    if (!may_raise || getrlimit(RLIMIT_DATA, &now) != 0)
        return false;
    rlim_t room = now.rlim_max - now.rlim_cur;
    if (room < bytes)
        return false;
    now.rlim_cur += room - bytes < RAISE_BY ? room : bytes + RAISE_BY;
    return setrlimit(RLIMIT_DATA, &now) == 0;
}

void mem_exhausted(size_t bytes) {
    char line[160];
    int n = snprintf(line, sizeof line,
                     "backlua: out of memory: no room for %zu bytes; use fewer "
                     "workers or a smaller cache\n",
                     bytes);
    ssize_t written = write(STDERR_FILENO, line, (size_t)n);
    (void)written; /* nobody is left to tell */
    _exit(EXIT_OUT_OF_MEMORY);
}

void *mem_alloc(size_t bytes) {
    size_t some = bytes ? bytes : 1;
    void *p = malloc(some);
    if (!p && mem_raise_limit(some))
        p = malloc(some);
    if (!p)
        mem_exhausted(bytes);
    return p;
}

void *mem_zalloc(size_t count, size_t bytes) {
    if (count == 0 || bytes == 0)
        count = bytes = 1;
    void *p = calloc(count, bytes);
    if (!p && bytes <= SIZE_MAX / count && mem_raise_limit(count * bytes))
        p = calloc(count, bytes);
    if (!p)
        mem_exhausted(count > SIZE_MAX / bytes ? SIZE_MAX : count * bytes);
    return p;
}

void *mem_realloc(void *p, size_t bytes) {
    size_t some = bytes ? bytes : 1;
    void *q = realloc(p, some);
    if (!q && mem_raise_limit(some))
        q = realloc(p, some);
    if (!q)
        mem_exhausted(bytes);
    return q;
}

char *mem_strdup(const char *s) {
    return mem_strndup(s, strlen(s));
}

char *mem_strndup(const char *s, size_t n) {
    n = strnlen(s, n);
    char *copy = mem_alloc(n + 1);
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *mem_printf(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    size_t size = n > 0 ? (size_t)n + 1 : 1;
    char *text = mem_alloc(size);
    text[0] = '\0';
    va_start(args, fmt);
    vsnprintf(text, size, fmt, args);
    va_end(args);
    return text;
}

void *mem_grow(void *p, size_t count, size_t *cap, size_t element) {
    if (count < *cap)
        return p;
    size_t wider = *cap ? *cap : GROW_FROM / 2;
    if (wider > SIZE_MAX / 2 / element)
        mem_exhausted(SIZE_MAX);
    *cap = 2 * wider;
    return mem_realloc(p, *cap * element);
}

void *mem_room(size_t count, size_t *cap, size_t element) {
    *cap = count;
    return count > 0 ? mem_alloc(count * element) : NULL;
}
