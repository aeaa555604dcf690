/* Compiled as one. From the bytes of a file to its rows. */
#define _GNU_SOURCE
#include "store/csv.c"
#include "store/decimal.c"
#include "store/jump.c"
#include "store/parse.c"
#include "store/pattern.c"
#include "store/quick.c"
#include "store/quoting.c"
#include "store/rows.c"
#include "store/spacing.c"
