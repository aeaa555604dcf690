/* Things that are closed but may still be looked at; see attic.c. */
#ifndef BT_STORE_ATTIC_H
#define BT_STORE_ATTIC_H

#include <stddef.h>
#include <stdint.h>

/* Takes p: drop(p) is called when bytes of private memory and mappings of newer
 * things have filled the attic. */
void attic_put(void *p, void (*drop)(void *p), size_t bytes, int32_t mappings);
void attic_clear(void); /* drop everything; for tests */

#endif
