/* The medians of `make bench-search` as a picture. */
#ifndef BT_SPEC_SEARCH_PLOT_H
#define BT_SPEC_SEARCH_PLOT_H

#include <stdbool.h>

/* Median regrets of a kind on a function at check `at`. Names are borrowed. */
void plot_add(const char *function, const char *kind, int at, double ours,
              double theirs);
/* An SVG file: a panel a function, regret (log) over trials. */
bool plot_write(const char *path, const int *trials, int checks);

#endif
