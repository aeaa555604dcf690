/* Text keys to pointers: open addressing, insertion order kept for iteration.
 * Keys are copied. O(1) per operation. */
#ifndef BT_BASE_MAP_H
#define BT_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *m); /* values stay the caller's */
void *map_get(const struct map *m, const char *key); /* NULL when absent */
void map_put(struct map *m, const char *key, void *value); /* value not NULL */
void *map_del(struct map *m, const char *key); /* the removed value or NULL */
size_t map_count(const struct map *m);
/* Walk in insertion order: start with *it = 0; false at the end. key and value
 * may be NULL. Removing while walking is allowed, adding is not. */
bool map_next(const struct map *m, size_t *it, const char **key, void **value);

#endif
