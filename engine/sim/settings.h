/* Checking what a run is configured with. */
#ifndef BT_SIM_SETTINGS_H
#define BT_SIM_SETTINGS_H

#include "backlua.h"

/* errors BT_E_RANGE names the setting, its value and its limits. */
bt_status settings_check(const bt_run_config *c);

#endif
