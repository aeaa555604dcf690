/* Compiled as one. What files are, before their rows are read. */
#include "store/field.c"
#include "store/header.c"
#include "store/layout.c"
#include "store/mapping.c"
#include "store/zip.c"
