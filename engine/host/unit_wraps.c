/* Compiled as one. What stands in for functions of others: --wrap. */
#include "host/chunks.c"
#include "host/pow.c"
