/* The market most tests of sim/ trade on. Four assets over five days:
 *
 *   A, B   a bar every day; B trades 30 units a day
 *   C      bars on days 0 and 3 only
 *   D      listed on day 3
 */
#ifndef BT_SPEC_SIM_MARKET_H
#define BT_SPEC_SIM_MARKET_H

#include "sim_tape.h"

static const struct tape_bar BARS_A[] = {
    {0, 100, 110, 90, 105, 1000},  {1, 106, 112, 100, 110, 1000},
    {2, 111, 120, 108, 118, 1000}, {3, 115, 116, 95, 100, 1000},
    {4, 101, 105, 99, 104, 1000},
};
static const struct tape_bar BARS_B[] = {
    {0, 50, 55, 45, 50, 30}, {1, 50, 52, 48, 51, 30}, {2, 52, 53, 50, 52, 30},
    {3, 52, 54, 51, 53, 30}, {4, 53, 55, 52, 54, 30},
};
static const struct tape_bar BARS_C[] = {
    {0, 20, 22, 19, 21, 500},
    {3, 25, 26, 24, 25.5, 500},
};
static const struct tape_bar BARS_D[] = {
    {3, 8, 9, 7, 8, 100},
    {4, 8.5, 9, 8, 8.75, 100},
};
static const struct tape_asset MARKET[] = {
    TAPE_ASSET("A", BARS_A),
    TAPE_ASSET("B", BARS_B),
    TAPE_ASSET("C", BARS_C),
    TAPE_ASSET("D", BARS_D),
};
enum { A, B, C, D };

static inline struct rig market(void) {
    return rig_new(MARKET, TAPE_COUNT(MARKET));
}

#endif
