/* Compiled as one. The portal: windows, and columns of coarser bars. */
#include "portal/copy.c"
#include "portal/lens.c"
#include "portal/portal.c"
#include "portal/resample.c"
#include "portal/window.c"
