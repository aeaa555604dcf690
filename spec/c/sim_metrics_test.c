/* Metrics on curves short enough to work out by hand.
 */
#include "sim/metrics.h"

#include "sim_number.h"

#include <string.h>

/* A curve with one bar per session, over one year unless told. */
static struct metric_input curve(const double *value, int32_t n, double start) {
    static const int32_t days[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                     8, 9, 10, 11, 12, 13, 14, 15};
    static const double gross[16];
    return (struct metric_input){.bars = n,
                                 .value = value,
                                 .curve = value,
                                 .gross = gross,
                                 .sessions = days,
                                 .start = start,
                                 .years = 1,
                                 .periods_per_year = 252};
}

static bt_result measure(const struct metric_input *in) {
    bt_result r;
    memset(&r, 0, sizeof r);
    metrics_compute(in, &r);
    return r;
}

/* ---- returns ------------------------------------------------------------- */

/* 100, 110, 99, 108.9: returns 0.1, -0.1, 0.1. Mean 1/30; deviations 1/15,
 * -2/15, 1/15: squares 6/225 over 2 = 1/75. Downside: 0.01 / 3. */
static void ratios_of_three_returns(void **state) {
    (void)state;
    const double v[] = {110, 99, 108.9};
    struct metric_input in = curve(v, 3, 100);
    bt_result r = measure(&in);
    const double *m = r.metrics;
    double root = sqrt(252.0);
    assert_number(m[BT_METRIC_TOTAL_RETURN], 0.089, 1e-15);
    assert_number(m[BT_METRIC_CAGR], 0.089, 1e-15);
    assert_number(m[BT_METRIC_VOLATILITY], sqrt(1 / 75.0) * root, 1e-14);
    assert_number(m[BT_METRIC_SHARPE_RATIO], 1 / 30.0 / sqrt(1 / 75.0) * root,
                  1e-13);
    assert_number(m[BT_METRIC_SORTINO_RATIO], 1 / 30.0 / sqrt(0.01 / 3) * root,
                  1e-13);
}

static void the_factor_is_the_sessions_of_a_year(void **state) {
    (void)state;
    const double v[] = {110, 99, 108.9};
    struct metric_input in = curve(v, 3, 100);
    in.periods_per_year = 365;
    bt_result r = measure(&in);
    assert_number(r.metrics[BT_METRIC_SHARPE_RATIO],
                  1 / 30.0 / sqrt(1 / 75.0) * sqrt(365.0), 1e-13);
}

static void growth_is_per_elapsed_year(void **state) {
    (void)state;
    const double v[] = {110, 121};
    struct metric_input in = curve(v, 2, 100);
    in.years = 2;
    bt_result r = measure(&in);
    assert_number(r.metrics[BT_METRIC_CAGR], 0.1, 1e-15);
}

/* An annual rate of 1.01^252 - 1 is 1 % a session: excess 1/30 - 0.01, and
 * misses 0, -0.11, 0. */
static void the_risk_free_rate_is_annual(void **state) {
    (void)state;
    const double v[] = {110, 99, 108.9};
    struct metric_input in = curve(v, 3, 100);
    in.risk_free = pow(1.01, 252) - 1;
    bt_result r = measure(&in);
    double excess = 1 / 30.0 - 0.01;
    assert_number(r.metrics[BT_METRIC_SHARPE_RATIO],
                  excess / sqrt(1 / 75.0) * sqrt(252.0), 1e-10);
    assert_number(r.metrics[BT_METRIC_SORTINO_RATIO],
                  excess / sqrt(0.0121 / 3) * sqrt(252.0), 1e-10);
}

/* Two bars a session: only the closes of the sessions, 110 and 99, count. */
static void returns_run_from_session_close_to_session_close(void **state) {
    (void)state;
    const double v[] = {50, 110, 300, 99};
    const int32_t days[] = {7, 7, 8, 8};
    struct metric_input in = curve(v, 4, 100);
    in.sessions = days;
    bt_result r = measure(&in);
    /* 0.1 and -0.1: mean 0, s^2 = 0.02 */
    assert_number(r.metrics[BT_METRIC_VOLATILITY], sqrt(0.02 * 252), 1e-14);
    assert_number(r.metrics[BT_METRIC_SHARPE_RATIO], 0, 1e-14);
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN], 99 / 300.0 - 1, 0);
}

static void what_is_undefined_is_nan(void **state) {
    (void)state;
    const double one[] = {101}, flat[] = {100, 100, 100};
    struct metric_input in = curve(one, 1, 100);
    bt_result r = measure(&in);
    assert_number(r.metrics[BT_METRIC_VOLATILITY], NAN, 0);
    assert_number(r.metrics[BT_METRIC_SHARPE_RATIO], NAN, 0);
    assert_number(r.metrics[BT_METRIC_SORTINO_RATIO], INFINITY, 0);
    assert_number(r.metrics[BT_METRIC_TOTAL_RETURN], 0.01, 1e-15);
    in = curve(flat, 3, 100);
    r = measure(&in);
    assert_number(r.metrics[BT_METRIC_VOLATILITY], 0, 0);
    assert_number(r.metrics[BT_METRIC_SHARPE_RATIO], NAN, 0);
    assert_number(r.metrics[BT_METRIC_SORTINO_RATIO], NAN, 0);
    assert_number(r.metrics[BT_METRIC_CALMAR_RATIO], NAN, 0);
    assert_number(r.metrics[BT_METRIC_CAGR], 0, 0);
    in = curve(flat, 0, 100);
    r = measure(&in);
    assert_number(r.metrics[BT_METRIC_TOTAL_RETURN], NAN, 0);
    assert_number(r.metrics[BT_METRIC_EXPOSURE_TIME], NAN, 0);
    assert_number(r.metrics[BT_METRIC_TRADES], 0, 0);
}

static void ruin_is_a_loss_of_everything(void **state) {
    (void)state;
    const double v[] = {50, -10, 5};
    struct metric_input in = curve(v, 3, 100);
    bt_result r = measure(&in);
    assert_number(r.metrics[BT_METRIC_SHARPE_RATIO], NAN, 0);
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN], -1.1, 1e-15);
    in = curve(v, 2, 100); /* ends below zero */
    r = measure(&in);
    assert_number(r.metrics[BT_METRIC_CAGR], -1, 0);
    assert_number(r.metrics[BT_METRIC_TOTAL_RETURN], -1.1, 1e-15);
}

/* ---- drawdown ------------------------------------------------------------ */

/* -10 % then -16.7 % is -25 % from the start (field.md, trap 26). */
static void drawdown_begins_at_the_starting_value(void **state) {
    (void)state;
    const double v[] = {90, 75, 100, 101};
    struct metric_input in = curve(v, 4, 100);
    bt_result r = measure(&in);
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN], -0.25, 0);
    assert_int_equal(r.drawdown_start, -1);
    assert_int_equal(r.drawdown_trough, 1);
    assert_int_equal(r.drawdown_end, 2); /* back at 100 */
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN_BARS], 3, 0);
    assert_number(r.metrics[BT_METRIC_CALMAR_RATIO], 0.01 / 0.25, 1e-15);
}

static void the_deepest_drawdown_is_told(void **state) {
    (void)state;
    /* 120 to 108: -10 %, recovered; 150 to 105: -30 %, still open */
    const double v[] = {120, 108, 125, 150, 105, 140};
    struct metric_input in = curve(v, 6, 100);
    bt_result r = measure(&in);
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN], -0.3, 1e-15);
    assert_int_equal(r.drawdown_start, 3);
    assert_int_equal(r.drawdown_trough, 4);
    assert_int_equal(r.drawdown_end, -1);
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN_BARS], 2, 0);
}

static void a_recovered_drawdown_stays_recovered(void **state) {
    (void)state;
    /* -50 % from bar 0 to 2, recovered at bar 3; then a small one, open */
    const double v[] = {200, 150, 100, 200, 190};
    struct metric_input in = curve(v, 5, 100);
    bt_result r = measure(&in);
    assert_int_equal(r.drawdown_start, 0);
    assert_int_equal(r.drawdown_trough, 2);
    assert_int_equal(r.drawdown_end, 3);
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN_BARS], 3, 0);
}

static void without_a_loss_there_is_no_drawdown(void **state) {
    (void)state;
    const double v[] = {100, 110, 110, 120};
    struct metric_input in = curve(v, 4, 100);
    bt_result r = measure(&in);
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN], 0, 0);
    assert_number(r.metrics[BT_METRIC_MAX_DRAWDOWN_BARS], 0, 0);
    assert_number(r.metrics[BT_METRIC_CALMAR_RATIO], NAN, 0);
    assert_int_equal(r.drawdown_start, -1);
    assert_int_equal(r.drawdown_trough, -1);
    assert_int_equal(r.drawdown_end, -1);
}

/* ---- round trips --------------------------------------------------------- */

static bt_result measure_trades(const double *pnl, int32_t n) {
    static const double v[] = {100};
    bt_trade trades[8];
    memset(trades, 0, sizeof trades);
    for (int32_t i = 0; i < n; i++)
        trades[i].pnl = pnl[i];
    struct metric_input in = curve(v, 1, 100);
    in.trades = trades;
    in.trade_count = n;
    return measure(&in);
}

static void round_trips_win_lose_or_draw(void **state) {
    (void)state;
    const double pnl[] = {30, -10, 0, 20};
    bt_result r = measure_trades(pnl, 4);
    assert_number(r.metrics[BT_METRIC_TRADES], 4, 0);
    assert_number(r.metrics[BT_METRIC_WIN_RATE], 0.5, 0);
    assert_number(r.metrics[BT_METRIC_PROFIT_FACTOR], 5, 0);
    assert_number(r.metrics[BT_METRIC_EXPECTANCY], 10, 0);
}

static void profit_factor_without_losses_is_infinite(void **state) {
    (void)state;
    const double won[] = {30, 20}, lost[] = {-5}, drawn[] = {0};
    assert_number(measure_trades(won, 2).metrics[BT_METRIC_PROFIT_FACTOR],
                  INFINITY, 0);
    assert_number(measure_trades(lost, 1).metrics[BT_METRIC_PROFIT_FACTOR], 0,
                  0);
    assert_number(measure_trades(drawn, 1).metrics[BT_METRIC_PROFIT_FACTOR],
                  NAN, 0);
    bt_result none = measure_trades(won, 0);
    assert_number(none.metrics[BT_METRIC_PROFIT_FACTOR], NAN, 0);
    assert_number(none.metrics[BT_METRIC_WIN_RATE], NAN, 0);
    assert_number(none.metrics[BT_METRIC_EXPECTANCY], NAN, 0);
}

/* ---- exposure ------------------------------------------------------------ */

static void exposure_and_turnover_name_their_base(void **state) {
    (void)state;
    const double v[] = {100, 200, 100, 400}, gross[] = {0, 100, 150, 400};
    struct metric_input in = curve(v, 4, 100);
    in.gross = gross;
    in.exposed_bars = 3;
    in.traded = 800;
    in.years = 2;
    in.commission = 3;
    in.slippage = 4;
    bt_result r = measure(&in);
    assert_number(r.metrics[BT_METRIC_EXPOSURE_TIME], 0.75, 0);
    /* (0 + 0.5 + 1.5 + 1) / 4 */
    assert_number(r.metrics[BT_METRIC_EXPOSURE_GROSS], 0.75, 0);
    /* 800 over a mean equity of 200, in two years */
    assert_number(r.metrics[BT_METRIC_TURNOVER], 2, 0);
    assert_number(r.metrics[BT_METRIC_TOTAL_COMMISSION], 3, 0);
    assert_number(r.metrics[BT_METRIC_TOTAL_SLIPPAGE], 4, 0);
}

/* ---- properties ---------------------------------------------------------- */

/* Ratios do not depend on the currency: 2^k of everything changes no bit. */
static void ratios_do_not_depend_on_the_unit_of_money(void **state) {
    (void)state;
    const double v[] = {103.7, 99.1, 108.9, 97.3, 111.1};
    double scaled[5];
    for (int i = 0; i < 5; i++)
        scaled[i] = v[i] * 0x1p20;
    struct metric_input in = curve(v, 5, 100),
                        up = curve(scaled, 5, 0x1p20 * 100);
    bt_result a = measure(&in), b = measure(&up);
    assert_memory_equal(a.metrics, b.metrics, sizeof a.metrics);
}

static void names_are_found_and_unknown_ones_are_not(void **state) {
    (void)state;
    for (int32_t i = 0; i < BT_METRICS; i++)
        assert_int_equal(bt_metric_find(bt_metric_name(i)), i);
    assert_int_equal(bt_metric_find("sharpe"), BT_METRIC_SHARPE_RATIO);
    assert_int_equal(bt_metric_find("sortino"), BT_METRIC_SORTINO_RATIO);
    assert_int_equal(bt_metric_find("calmar"), BT_METRIC_CALMAR_RATIO);
    assert_int_equal(bt_metric_find("sharp"), -1);
    assert_null(bt_metric_name(BT_METRICS));
    assert_null(bt_metric_name(-1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratios_of_three_returns),
        cmocka_unit_test(the_factor_is_the_sessions_of_a_year),
        cmocka_unit_test(growth_is_per_elapsed_year),
        cmocka_unit_test(the_risk_free_rate_is_annual),
        cmocka_unit_test(returns_run_from_session_close_to_session_close),
        cmocka_unit_test(what_is_undefined_is_nan),
        cmocka_unit_test(ruin_is_a_loss_of_everything),
        cmocka_unit_test(drawdown_begins_at_the_starting_value),
        cmocka_unit_test(the_deepest_drawdown_is_told),
        cmocka_unit_test(a_recovered_drawdown_stays_recovered),
        cmocka_unit_test(without_a_loss_there_is_no_drawdown),
        cmocka_unit_test(round_trips_win_lose_or_draw),
        cmocka_unit_test(profit_factor_without_losses_is_infinite),
        cmocka_unit_test(exposure_and_turnover_name_their_base),
        cmocka_unit_test(ratios_do_not_depend_on_the_unit_of_money),
        cmocka_unit_test(names_are_found_and_unknown_ones_are_not),
    };
    return cmocka_run_group_tests_name("sim metrics", tests, NULL, NULL);
}
