/* The synthetic market moves as total returns do. Where companies split and pay
 * dividends, what is quoted is that path times a factor, which each event
 * changes:
 *
 *     dividend  on the first session of February, May, August and November:
 *               0.4 % of the close before, whole cents, paid 14 days later.
 *               The price falls by it
 *     split     on the first session of another month: 4:1 when the close
 *               before is above 400, 1:10 when it is below 2
 *
 * So history adjusted for both is the path again, up to one factor and the
 * rounding of prices to a ten-thousandth.
 */
#include "store/quoting.h"

#include "base/date.h"
#include "base/status.h"

#include <math.h>

#define DEAR 400.0
#define CHEAP 2.0
#define YIELD 0.004
enum { PAY_AFTER = 14 };

static int month_of(int32_t day) {
    int year, month, dom;
    date_to_civil(day, &year, &month, &dom);
    return month;
}

static bt_status split(struct quoting *q, int32_t day, double ratio) {
    q->price /= ratio;
    q->shares *= ratio;
    return action_set_split(q->set, q->symbol, day, ratio);
}

static bt_status pay(struct quoting *q, int32_t day) {
    double cents = floor(q->close * YIELD * 100);
    if (cents < 1)
        return BT_OK;
    q->price *= 1 - cents / 100 / q->close;
    return action_set_dividend(q->set, q->symbol, day, cents / 100,
                               day + PAY_AFTER, BT_NO_DAY, "USD");
}

/* What happens before the first bar of a month. */
static bt_status turn_month(struct quoting *q, int32_t day) {
    if (month_of(day) % 3 == 2)
        return q->pays ? pay(q, day) : BT_OK;
    if (q->close > DEAR)
        return split(q, day, 4);
    return q->close < CHEAP ? split(q, day, 0.1) : BT_OK;
}

bt_status quoting_bar(struct quoting *q, int32_t session, double v[5]) {
    if (q->set == NULL)
        return BT_OK;
    if (q->session > 0 && month_of(session) != month_of(q->session))
        TRY(turn_month(q, session));
    for (int i = 0; i < 4; i++)
        v[i] = nearbyint(v[i] * q->price * 1e4) / 1e4;
    v[4] = nearbyint(v[4] * q->shares);
    q->close = v[3];
    q->session = session;
    return BT_OK;
}
