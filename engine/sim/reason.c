/* Why orders end as they do: stable names for machines, a sentence for people.
 */
#include "backlua.h"

#include <stddef.h>

static const struct {
    const char *name, *text;
} REASONS[BT_REASONS] = {
    [BT_REASON_NONE] = {"none", "still open"},
    [BT_REASON_FILLED] = {"filled", "filled as asked"},
    [BT_REASON_REDUCED_CASH] = {"reduced_cash",
                                "reduced to what the buying power pays; ask "
                                "for less or raise capital or leverage"},
    [BT_REASON_NO_CASH] = {"no_cash",
                           "the buying power does not pay for it; ask for "
                           "less or raise capital or leverage"},
    [BT_REASON_BELOW_LOT] = {"below_lot",
                             "less than one lot; ask for more or set a "
                             "smaller lot"},
    [BT_REASON_AT_TARGET] = {"at_target",
                             "sized at the fill: the target was met already"},
    [BT_REASON_NO_PRICE] = {"no_price",
                            "the asset has no traded price above zero yet; "
                            "test can_trade first"},
    [BT_REASON_NO_BAR] = {"no_bar", "the asset had no further bar in the run"},
    [BT_REASON_NO_VOLUME] = {"no_volume",
                             "the bars' volume never allowed a fill; give "
                             "ctx:set_slippage a higher volume_limit, or 0"},
    [BT_REASON_VOLUME_LIMIT] = {"volume_limit",
                                "partly filled when the run ended; give "
                                "ctx:set_slippage a higher volume_limit, or "
                                "ask for less"},
    [BT_REASON_LONG_ONLY] = {"long_only",
                             "it would have opened a short position in a "
                             "long-only run"},
    [BT_REASON_CANCELLED] = {"cancelled", "cancelled by the strategy"},
    [BT_REASON_END_OF_RUN] = {"end_of_run",
                              "given on the last bar, there was none after "
                              "it to trade on"},
    [BT_REASON_MARGIN_CALL] = {"margin_call",
                               "equity fell below the maintenance margin: "
                               "open orders were cancelled, positions cut"},
    [BT_REASON_EXPIRED] = {"expired",
                           "its time in force ended first; ask for gtc or a "
                           "later date"},
    [BT_REASON_NOT_REACHED] = {"not_reached",
                               "no bar reached its limit or stop before the "
                               "run ended"},
    [BT_REASON_LINKED] = {"linked",
                          "another order of its group or bracket traded"},
    [BT_REASON_NO_ENTRY] = {"no_entry",
                            "the entry of its bracket ended without a fill"},
    [BT_REASON_NO_POSITION] = {"no_position",
                               "it may only reduce, and no position was left"},
    [BT_REASON_CONTROL] = {"control",
                           "beyond a limit that the strategy has set itself"},
    [BT_REASON_SPLIT] = {"split",
                         "a split made it less than one lot; give it again in "
                         "new units"},
    [BT_REASON_MERGED] = {"merged", "the asset became another one"},
    [BT_REASON_DELISTED] = {"delisted", "the asset is no longer traded"},
    [BT_REASON_CLOSED] = {"closed",
                          "close_at_end: what was held was sold, or bought "
                          "back, at the last close"},
};

const char *bt_reason_name(int32_t reason) {
    return reason >= 0 && reason < BT_REASONS ? REASONS[reason].name : NULL;
}

const char *bt_reason_text(int32_t reason) {
    return reason >= 0 && reason < BT_REASONS ? REASONS[reason].text : NULL;
}
