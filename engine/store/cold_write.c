/* Compiled as one. What writes a bundle that no files are read for. */
#include "store/builder.c"
#include "store/join.c"
#include "store/revise.c"
#include "store/synthetic.c"
