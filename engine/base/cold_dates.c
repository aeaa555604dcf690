/* Compiled as one. Dates and zones. */
#include "base/date.c"
#include "base/tz.c"
#include "base/tz_file.c"
#include "base/tz_rule.c"
