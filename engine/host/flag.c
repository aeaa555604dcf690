/* A flag outranks the environment by taking its place: one order of settings,
 * one check, and workers see the same.
 */
#include "backlua.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>

bt_status bt_config_flag(const char *name, const char *text) {
    char *variable = mem_printf("BACKLUA_%s", name);
    int failed = setenv(variable, text, 1);
    free(variable);
    if (failed)
        return fail_errno("cannot set %s", name);
    return bt_config_load();
}
