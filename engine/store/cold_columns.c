/* Compiled as one. Columns in files and in memory. */
#define _GNU_SOURCE
#include "store/colfile.c"
#include "store/column.c"
#include "store/huge.c"
#include "store/noise.c"
#include "store/overlay.c"
