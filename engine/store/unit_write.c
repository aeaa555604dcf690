/* Compiled as one. What writes a bundle from the bars of another. */
#include "store/builder.c"
#include "store/join.c"
#include "store/revise.c"
#include "store/writer.c"
