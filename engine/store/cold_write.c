/* Compiled as one. What writes a bundle. */
#define _GNU_SOURCE
#include "store/builder.c"
#include "store/join.c"
#include "store/revise.c"
#include "store/synthetic.c"
#include "store/writer.c"
