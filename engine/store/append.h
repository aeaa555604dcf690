/* An ingest that goes on where a bundle ends; see append.c. */
#ifndef BT_STORE_APPEND_H
#define BT_STORE_APPEND_H

#include "store/ingest.h"

/* Open the bundle to append to. BT_E_DATA there is none */
bt_status append_open(bt_ingest *g);
void append_close(bt_ingest *g);
/* The frequency is settled: is it the bundle's? */
bt_status append_check_frequency(const bt_ingest *g);
/* Its times, before the calendar is finished; and which assets there will be.
 */
bt_status append_calendar(bt_ingest *g);
/* Write the g->at-th of the assets there will be. False in *more: none left. */
bt_status append_asset(bt_ingest *g, bool *more);
/* What belongs to the old assets beside their bars. */
bt_status append_rest(bt_ingest *g);

#endif
