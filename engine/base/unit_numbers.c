/* Compiled as one. Numbers, dates, bytes, sums. */
#include "base/buf.c"
#include "base/crc.c"
#include "base/date.c"
#include "base/exact.c"
#include "base/map.c"
#include "base/num.c"
#include "base/stat.c"
#include "base/tz.c"
