/* The same against code compiled with -O3. */
#define OPTIMIZED
#include "store_synthetic_test.c"
