/* Compiled as one. Numbers, bytes, sums. */
#include "base/buf.c"
#include "base/crc.c"
#include "base/exact.c"
#include "base/map.c"
#include "base/num.c"
#include "base/stat.c"
