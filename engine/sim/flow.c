/* Names of what moves money without a fill. */
#include "backlua.h"

#include <stddef.h>

static const char *const FLOW_NAMES[BT_FLOWS] = {
    [BT_FLOW_DEPOSIT] = "deposit",     [BT_FLOW_INTEREST] = "interest",
    [BT_FLOW_BORROW] = "borrow",       [BT_FLOW_DIVIDEND] = "dividend",
    [BT_FLOW_IN_LIEU] = "in_lieu",     [BT_FLOW_MERGER] = "merger",
    [BT_FLOW_DELISTING] = "delisting",
};

const char *bt_flow_name(int32_t kind) {
    return kind >= 0 && kind < BT_FLOWS ? FLOW_NAMES[kind] : NULL;
}
