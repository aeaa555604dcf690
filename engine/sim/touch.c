/* Prices of orders against the prices of a bar.
 *
 * A bar says its open, its extremes and its close, not the way between them.
 * What is certain comes first: at the open a buy stop at or below it, or a buy
 * limit at or above it, trades at the open, gap or not. On the path a stop is
 * met at its own price when an extreme reaches it, a limit likewise. Sells are
 * mirrored throughout. Three questions have no certain answer, and `intrabar`
 * decides them:
 *
 *                     pessimistic        optimistic         ohlc (open, high,
 *                                                           low, close)
 *   stop and target   the stop trades    the target trades  whichever is met
 *   in one bar                                              first on that path
 *   stop-limit, its   fills if the close fills if the       fills if the path
 *   limit behind the  is as good as the  extreme is         comes back to it
 *   stop              limit
 *   trailing stop     moves after the    moves before the   moves along the
 *                     adverse extreme    adverse extreme    path
 *
 * A trailing stop that the close itself lies beyond was met for certain,
 * whatever the path: it trades where it stood.
 *
 * The scan of a bar is two comparisons per open order: below and above say
 * which bars can matter to it. A stop that only needs to trail is woken by new
 * extremes.
 */
#include "sim/touch.h"

#include "sim/units.h"

#include <math.h>

static bool trails(const bt_order *o) {
    return !isnan(o->trail) || !isnan(o->trail_percent);
}

int32_t touch_wait(const struct working *w, const bt_order *o) {
    if (o->flags & BT_ORDER_AT_CLOSE)
        return WAIT_CLOSE;
    if (!isnan(w->stop))
        return WAIT_STOP;
    return isnan(w->limit) ? WAIT_MARKET : WAIT_LIMIT;
}

/* Bars that reach price from the side it is waited for. */
static void arm(struct watch *out, bool from_above, double price) {
    out->below = from_above ? price : -INFINITY;
    out->above = from_above ? INFINITY : price;
}

static void arm_stop(const struct working *w, const bt_order *o,
                     struct watch *out) {
    bool sells = w->side < 0.0;
    arm(out, sells, w->stop);
    if (!trails(o))
        return;
    if (sells)
        out->above = w->extreme;
    else
        out->below = w->extreme;
}

void touch_arm(const struct working *w, const bt_order *o, struct watch *out) {
    switch (w->wait) {
    case WAIT_LIMIT:
        arm(out, w->side > 0.0, w->limit);
        return;
    case WAIT_STOP:
        arm_stop(w, o, out);
        return;
    case WAIT_ENTRY:
        out->below = -INFINITY;
        out->above = INFINITY;
        return;
    default: /* every bar of its asset */
        arm(out, true, INFINITY);
    }
}

/* A limit that asks for more, or a stop that waits for more. */
static double whole_ticks(const struct working *w, double price, bool stop) {
    if (w->tick == 0.0 || w->side == 0.0)
        return price;
    return units_tick(price, w->tick, (w->side > 0.0) == stop);
}

void touch_round(const struct working *w, bt_order *o) {
    o->limit = whole_ticks(w, o->limit, false);
    o->stop = whole_ticks(w, o->stop, true);
}

double touch_trail(const struct working *w, const bt_order *o) {
    double stop = !isnan(o->trail)
                      ? w->extreme + w->side * o->trail
                      : w->extreme * (1.0 + w->side * o->trail_percent);
    return whole_ticks(w, stop, true);
}

/* ---- trailing ------------------------------------------------------------ */

/* A price was seen: the stop follows it, in its own favour only. */
static void follow(struct working *w, const bt_order *o, double price) {
    if (w->side < 0.0 ? price <= w->extreme : price >= w->extreme)
        return;
    w->extreme = price;
    w->stop = touch_trail(w, o);
}

/* Has a price met the stop? */
static bool meets(const struct working *w, double price) {
    return w->side > 0.0 ? price >= w->stop : price <= w->stop;
}

/* Is a price as good as the limit? */
static bool fits(const struct working *w, double price) {
    return w->side > 0.0 ? price <= w->limit : price >= w->limit;
}

/* The extreme that meets the stop, and the one that moves it. */
static double adverse(const struct working *w, const struct candle *bar) {
    return w->side > 0.0 ? bar->high : bar->low;
}

static double favourable(const struct working *w, const struct candle *bar) {
    return w->side > 0.0 ? bar->low : bar->high;
}

/* Is a trailing stop met on the path? It is left where it was met. */
static bool trailing_met(struct working *w, const bt_order *o,
                         const struct candle *bar, int32_t intrabar) {
    bool sells = w->side < 0.0;
    bool moves_first = intrabar == BT_INTRABAR_OPTIMISTIC ||
                       (intrabar == BT_INTRABAR_OHLC && sells);
    if (moves_first)
        follow(w, o, favourable(w, bar));
    w->leg = sells ? 1 : 0;
    if (meets(w, adverse(w, bar)))
        return true;
    follow(w, o, favourable(w, bar));
    w->leg = 2;
    return meets(w, bar->close);
}

/* ---- orders -------------------------------------------------------------- */

/* The stop was met: what is left of the order? */
static void trigger(struct working *w, const bt_order *o) {
    if (!isnan(o->limit_offset))
        w->limit = whole_ticks(w, w->stop + w->side * o->limit_offset, false);
    w->wait = isnan(w->limit) ? WAIT_OPEN : WAIT_LIMIT;
}

/* A stop-limit that was met at its stop, on the path. */
static double limit_after_stop(struct working *w, const struct candle *bar,
                               int32_t intrabar) {
    if (fits(w, w->stop))
        return w->stop;
    w->maker = true;
    w->leg = w->side > 0.0 ? 1 : 2;
    double back = bar->close; /* certainly after the stop */
    if (intrabar == BT_INTRABAR_OPTIMISTIC ||
        (intrabar == BT_INTRABAR_OHLC && w->side > 0.0))
        back = favourable(w, bar);
    return fits(w, back) ? w->limit : NAN;
}

static double stop_at_open(struct working *w, const bt_order *o,
                           const struct candle *bar) {
    if (!meets(w, bar->open)) {
        if (trails(o))
            follow(w, o, bar->open);
        return NAN;
    }
    trigger(w, o);
    if (w->wait == WAIT_LIMIT && !fits(w, bar->open)) {
        w->maker = true;
        return NAN;
    }
    return bar->open;
}

static double stop_on_path(struct working *w, const bt_order *o,
                           const struct candle *bar, int32_t intrabar) {
    w->leg = w->side > 0.0 ? 0 : 1;
    bool met = trails(o) ? trailing_met(w, o, bar, intrabar)
                         : meets(w, adverse(w, bar));
    if (!met)
        return NAN;
    trigger(w, o);
    if (w->wait == WAIT_LIMIT)
        return limit_after_stop(w, bar, intrabar);
    return w->stop;
}

static double limit_quote(struct working *w, const struct candle *bar,
                          enum phase phase) {
    w->maker = w->maker || bar->row > w->first_row;
    if (phase == PHASE_OPEN && fits(w, bar->open))
        return bar->open;
    w->maker = true; /* it was not taken at once: it rests */
    w->leg = w->side > 0.0 ? 1 : 0;
    if (phase == PHASE_PATH && fits(w, favourable(w, bar)))
        return w->limit;
    return NAN;
}

static double market_quote(const struct candle *bar, enum phase phase,
                           enum phase wanted) {
    if (phase != wanted)
        return NAN;
    return phase == PHASE_OPEN ? bar->open : bar->close;
}

double touch_quote(struct working *w, const bt_order *o,
                   const struct candle *bar, enum phase phase,
                   const struct reading *how) {
    switch (w->wait) {
    case WAIT_MARKET:
        return market_quote(bar, phase, how->market);
    case WAIT_OPEN:
        return market_quote(bar, phase, PHASE_OPEN);
    case WAIT_CLOSE:
        return bar->session_end ? market_quote(bar, phase, PHASE_CLOSE) : NAN;
    case WAIT_LIMIT:
        return phase == PHASE_CLOSE ? NAN : limit_quote(w, bar, phase);
    case WAIT_STOP:
        if (phase == PHASE_CLOSE)
            return NAN;
        return phase == PHASE_OPEN ? stop_at_open(w, o, bar)
                                   : stop_on_path(w, o, bar, how->intrabar);
    default:
        return NAN;
    }
}

/* How far along open, high, low, close an order is met: 0..1 on the way to the
 * high, 1..2 down to the low, 2..3 up to the close. */
static double along(const struct working *w, const struct candle *bar) {
    const double ends[] = {bar->open, bar->high, bar->low, bar->close};
    double from = ends[w->leg], to = ends[w->leg + 1];
    return w->leg + (to == from ? 0.0 : (w->quote - from) / (to - from));
}

double touch_turn(const struct working *w, const bt_order *o,
                  const struct candle *bar, int32_t intrabar) {
    if (intrabar == BT_INTRABAR_OHLC)
        return along(w, bar);
    bool stops = !isnan(o->stop) || trails(o);
    return stops == (intrabar == BT_INTRABAR_PESSIMISTIC) ? 0.0 : 1.0;
}
