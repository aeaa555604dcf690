/* Compiled as one. What luck alone would have brought. */
#include "optimize/cohort.c"
#include "optimize/luck.c"
#include "optimize/reality.c"
#include "optimize/study_luck.c"
