/* Numbers that a strategy records by name and bar; see record.c. */
#ifndef BT_SIM_RECORD_H
#define BT_SIM_RECORD_H

#include "sim/run.h"

void records_fini(struct records *r);

#endif
