/* Compiled as one. Columns: found, adjusted, kept, made once for all. */
#include "portal/adjust.c"
#include "portal/cache.c"
#include "portal/level.c"
#include "portal/shelf.c"
