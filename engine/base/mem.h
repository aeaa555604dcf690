/* Allocation that does not return NULL.
 *
 * Out of memory ends the process with one line on stderr and exit code 4: the
 * study is crash-safe, and half-handled allocation failures are worse than
 * none.
 */
#ifndef BT_BASE_MEM_H
#define BT_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

void *mem_alloc(size_t bytes);                /* uninitialised */
void *mem_zalloc(size_t count, size_t bytes); /* zeroed, overflow checked */
void *mem_realloc(void *p, size_t bytes);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Make room for one more element in a growing array: doubles *cap (from 16)
 * when count == *cap. Usage: list = mem_grow(list, count, &cap, sizeof *list);
 */
void *mem_grow(void *p, size_t count, size_t *cap, size_t element);

/* A growing array that begins with room for count elements, NULL for none. */
void *mem_room(size_t count, size_t *cap, size_t element);

/* From now on the soft limit on memory (RLIMIT_DATA) is for others, such as a
 * script's heap: what it refuses to the functions above raises it, up to the
 * hard one. */
void mem_may_raise_limit(void);
/* Raise it by at least so many bytes; false where that was not said or cannot
 * be. For memory that is got in other ways. */
bool mem_raise_limit(size_t bytes);

/* There is no room for so many bytes: ends the process. */
void mem_exhausted(size_t bytes) __attribute__((noreturn, cold));

#endif
