/* Slippage and commission written in Lua.
 *
 * The engine is entered from compiled Lua through the FFI, from under which Lua
 * must not be called. So a run with such a function is stepped by a classic C
 * function of host/, which sets a way back for the time of the step; any other
 * way of stepping it is an error that says so. An answer is checked here, so
 * that no NaN gets near the cash; after a failure nothing more is asked and the
 * step fails.
 */
#include "sim/asking.h"

#include "base/status.h"
#include "sim/run.h"

#include <math.h>

void bt_run_set_ask(bt_run *run, bt_ask ask, void *ctx) {
    run->asking.ask = ask;
    run->asking.ctx = ctx;
}

static double refuse(struct asking *a, int32_t what, double answer) {
    a->failed = true;
    if (what == BT_ASK_PRICE)
        fail(BT_E_RANGE,
             "slippage.custom: the function must return a price above 0, got "
             "%g",
             answer);
    else
        fail(BT_E_RANGE,
             "commission.custom: the function must return currency >= 0, got "
             "%g",
             answer);
    return NAN;
}

double asking_ask(struct asking *a, int32_t what, const bt_query *q) {
    double answer = NAN;
    if (a->failed)
        return NAN;
    if (!a->ask) {
        a->failed = true;
        fail(BT_E_STATE, "a Lua cost function can be asked only while Lua "
                         "steps the run");
        return NAN;
    }
    if (a->ask(a->ctx, what, q, &answer) != BT_OK) {
        a->failed = true;
        return NAN;
    }
    bool good = isfinite(answer) &&
                (what == BT_ASK_PRICE ? answer > 0.0 : answer >= 0.0);
    return good ? answer : refuse(a, what, answer);
}
