/* Compiled as one. Where memory comes from, and who gives it back. */
#define _GNU_SOURCE
#include "base/arena.c"
#include "base/lru.c"
#include "base/mem.c"
