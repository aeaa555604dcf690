/* Large pages for large arrays; see huge.c. */
#ifndef BT_STORE_HUGE_H
#define BT_STORE_HUGE_H

#include <stddef.h>

enum { HUGE_PAGE = 2 << 20 };

/* Memory that will be filled soon, to be freed with free(). */
void *huge_alloc(size_t bytes);

#endif
