/* Compiled as one. From rows to bars, and what reads every bar. */
#define _GNU_SOURCE
#include "store/bars.c"
#include "store/bundle_check.c"
#include "store/ingest_bars.c"
#include "store/localize.c"
