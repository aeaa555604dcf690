/* Durations come from the monotonic clock; the wall clock only labels things.
 */
#ifndef BT_BASE_CLOCK_H
#define BT_BASE_CLOCK_H

#include <stdint.h>

double clock_monotonic(void); /* seconds */
int64_t clock_wall_us(void);  /* microseconds since 1970, UTC */

#endif
