/* Compiled as one. What luck alone would have brought. */
#include "optimize/luck.c"
#include "optimize/reality.c"
