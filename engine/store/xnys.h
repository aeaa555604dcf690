/* Sessions of the New York Stock Exchange, 1990 to 2030; see xnys.c. */
#ifndef BT_STORE_XNYS_H
#define BT_STORE_XNYS_H

#include "backlua.h"

#include <stdbool.h>
#include <stdint.h>

/* True when day (since 1970-01-01) is a session. */
bool xnys_is_session(int32_t day);
/* Open and close in UTC of a session. */
void xnys_times(int32_t day, bt_time *open, bt_time *close);
/* First session on or after day. */
int32_t xnys_next(int32_t day);

#endif
