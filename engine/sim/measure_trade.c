/* Round trips: what a trade brings, and how surely. x is the pnl of each, net
 * of both sides' costs, other its return on the entry value. Formulas:
 * measure.c.
 */
#include "sim/measure.h"

#include <math.h>

struct outcome {
    double won, lost; /* sums, lost <= 0 */
    int32_t wins, losses, draws;
};

static struct outcome count(const double *x, int32_t n) {
    struct outcome o = {0};
    for (int32_t i = 0; i < n; i++) {
        o.wins += x[i] > 0.0;
        o.losses += x[i] < 0.0;
        o.draws += x[i] == 0.0;
        if (x[i] > 0.0)
            o.won += x[i];
        else
            o.lost += x[i]; /* a NaN, too */
    }
    return o;
}

double measure_win_rate(const bt_sample *s) {
    struct outcome o = count(s->x, s->n);
    int32_t n = s->n;
    if (s->convention == BT_CONVENTION_QUANTSTATS)
        n -= o.draws;
    if (isnan(o.lost))
        return NAN;
    return n > 0 ? (double)o.wins / n : 0.0;
}

double measure_draw_rate(const bt_sample *s) {
    struct outcome o = count(s->x, s->n);
    return isnan(o.lost) ? NAN : (double)o.draws / s->n;
}

double measure_profit_factor(const bt_sample *s) {
    bool by_return = s->convention == BT_CONVENTION_BACKTESTING;
    if (by_return && !s->other)
        return NAN;
    struct outcome o = count(by_return ? s->other : s->x, s->n);
    if (o.lost == 0.0) {
        if (by_return)
            return NAN;
        bool none = o.won == 0.0;
        if (none)
            return s->convention == BT_CONVENTION_QUANTSTATS ? 0.0 : NAN;
    }
    return o.won / fabs(o.lost);
}

double measure_expectancy(const bt_sample *s) {
    if (s->convention != BT_CONVENTION_BACKTESTING)
        return measure_mean(s->x, s->n);
    return s->other ? measure_mean(s->other, s->n) : NAN;
}

double measure_average_win(const bt_sample *s) {
    struct outcome o = count(s->x, s->n);
    return o.wins > 0 && !isnan(o.lost) ? o.won / o.wins : NAN;
}

double measure_average_loss(const bt_sample *s) {
    struct outcome o = count(s->x, s->n);
    return o.losses > 0 ? o.lost / o.losses : NAN;
}

double measure_expectancy_r(const bt_sample *s) {
    return measure_mean(s->x, s->n) / fabs(measure_average_loss(s));
}

double measure_payoff(const bt_sample *s) {
    return measure_average_win(s) / fabs(measure_average_loss(s));
}

double measure_kelly(const bt_sample *s) {
    double w = measure_win_rate(s);
    return w - (1.0 - w) / measure_payoff(s);
}

static double quality(const bt_sample *s, double most) {
    double deviation = measure_deviation(s->x, s->n);
    if (deviation == 0.0)
        return NAN;
    return sqrt(fmin(s->n, most)) * measure_mean(s->x, s->n) / deviation;
}

double measure_sqn(const bt_sample *s) {
    return quality(s, INFINITY);
}

double measure_sqn_100(const bt_sample *s) {
    return quality(s, 100.0);
}

double measure_most_won(const bt_sample *s) {
    return bt_window_max(s->x, s->n);
}

double measure_most_lost(const bt_sample *s) {
    return bt_window_min(s->x, s->n);
}

static double streak(const bt_sample *s, double sign) {
    int32_t most = 0, now = 0;
    for (int32_t i = 0; i < s->n; i++) {
        if (isnan(s->x[i]))
            return NAN;
        now = s->x[i] * sign > 0.0 ? now + 1 : 0;
        most = now > most ? now : most;
    }
    return most;
}

double measure_winning_streak(const bt_sample *s) {
    return streak(s, 1.0);
}

double measure_losing_streak(const bt_sample *s) {
    return streak(s, -1.0);
}
