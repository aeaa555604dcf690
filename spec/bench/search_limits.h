/* The Gaussian process within constraints on results. */
#ifndef BT_SPEC_SEARCH_LIMITS_H
#define BT_SPEC_SEARCH_LIMITS_H

#include <stdbool.h>

/* Prints medians over seeds 1 .. seeds <= 1000; false when it is not clearly
 * better than both that it is measured against. function: that one only, or
 * NULL. */
bool limits_judge(int seeds, const char *function);

#endif
