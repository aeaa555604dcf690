/* Checking what a run is configured with. */
#ifndef BT_SIM_SETTINGS_H
#define BT_SIM_SETTINGS_H

#include "backlua.h"

/* Put rules of the config to work that need more than a field. */
void settings_apply(struct bt_run *run);
/* errors BT_E_RANGE names the setting, its value and its limits. */
bt_status settings_check(const bt_run_config *c);

#endif
