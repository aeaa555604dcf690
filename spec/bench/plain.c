/* The work of SMA-400 and minute-200k as plain C: the reference of `make
 * bench`.
 *
 *     plain sma400 BUNDLE [ROUNDS]      400 combinations on all assets
 *     plain minute BUNDLE [ROUNDS]      SMA 60/390
 *
 * A program as one would write it for this one task: columns in memory, one
 * loop over the bars, rolling sums, an account of a few numbers. Combinations
 * share nothing but the prices. It uses no line of the engine, so that
 * agreement with it means something.
 *
 * The rules. After the close of a bar, an asset whose fast mean is above its
 * slow mean is to be held at 1/weights of the equity, else not at all; an order
 * goes out when that changes. It fills at the next bar's open: sales first,
 * then purchases in asset order, each sized with the equity at the opens before
 * any of them, in whole units, cut to what cash pays with its commission of 0.1
 * %. A last order without a next bar is void. Equity is marked at each close.
 *
 * Decisions. The engine compares exact sums rounded once, then divided. A
 * rolling sum in doubles drifts: after N steps by at most 2 N u max(sum), u =
 * 2^-53, that is 5e-11 of the mean for N = 200,000. So whenever the two means
 * differ by more than 1e-9 the decision is the exact one, and else (some 1 in
 * 10,000 bars) both windows are summed again in 113 bits, where a sum of prices
 * is exact. Both sides then decide alike on ties as well, at the speed of the
 * rolling sum.
 *
 * Output: one line per combination, then "seconds X" for each round, CPU time.
 */
#include "market.h"

#include <stdbool.h>

#define CAPITAL 1000000.0
#define COMMISSION 0.001
#define CERTAIN 1e-9

/* ---- means -------------------------------------------------------------- */

struct pair {
    int32_t fast, slow;        /* bars */
    double per_fast, per_slow; /* 1 / bars */
};

static double exact_mean(const double *last, int32_t n) {
    __float128 sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += last[-i];
    return (double)sum / n;
}

/* Set the asset's bit in hold[t] after each bar at which it is to be held. */
static void decide(const struct market *m, int32_t asset, const struct pair *p,
                   uint64_t *hold) {
    const double *close = m->close[asset];
    double fast_sum = 0, slow_sum = 0;
    for (int32_t t = 0; t < p->slow; t++)
        slow_sum += close[t];
    for (int32_t t = p->slow - p->fast; t < p->slow; t++)
        fast_sum += close[t];
    for (int32_t t = p->slow - 1; t < m->rows; t++) {
        double slow = slow_sum * p->per_slow;
        double difference = fast_sum * p->per_fast - slow;
        bool above = difference > 0;
        if (fabs(difference) <= CERTAIN * slow)
            above =
                exact_mean(close + t, p->fast) > exact_mean(close + t, p->slow);
        hold[t] |= (uint64_t)above << asset;
        if (t + 1 == m->rows)
            break;
        fast_sum += close[t + 1] - close[t + 1 - p->fast];
        slow_sum += close[t + 1] - close[t + 1 - p->slow];
    }
}

/* ---- the account -------------------------------------------------------- */

struct position {
    double units, price, commission; /* of the entry */
};

struct totals {
    double commission, traded; /* currency */
    double gains, losses;      /* of round trips, after commission */
    int64_t trades, wins;
    int64_t exposed_bars;
    double gross; /* sum over bars of gross exposure / equity */
};

struct account {
    double cash, weight;
    struct position held[MAX_ASSETS];
    struct totals totals;
};

static void sell(struct account *a, struct position *p, double price) {
    double value = p->units * price;
    double fee = COMMISSION * value;
    double gain = p->units * (price - p->price) - p->commission - fee;
    a->cash += value - fee;
    a->totals.commission += fee;
    a->totals.traded += value;
    a->totals.trades++;
    if (gain > 0) {
        a->totals.wins++;
        a->totals.gains += gain;
    } else {
        a->totals.losses -= gain;
    }
    p->units = 0;
}

/* Whole units, as the engine counts them: a hair under an integer is it. */
static double whole(double x) {
    double nearest = nearbyint(x);
    bool close = fabs(x - nearest) <= 1e-9 * fmax(1, x);
    return close ? nearest : floor(x);
}

static void buy(struct account *a, struct position *p, double price,
                double equity) {
    double units = whole(a->weight * equity / price);
    if (units * price + COMMISSION * (units * price) > a->cash) {
        units = floor(a->cash / (price * (1 + COMMISSION)));
        while (units * price + COMMISSION * (units * price) > a->cash)
            units--;
    }
    if (units <= 0)
        return;
    double value = units * price;
    double fee = COMMISSION * value;
    a->cash -= value + fee;
    a->totals.commission += fee;
    a->totals.traded += value;
    *p = (struct position){units, price, fee};
}

/* Work the orders of a bar: of the assets in due, those in hold are bought. */
static void fill(struct account *a, const struct market *m, int32_t t,
                 uint64_t due, uint64_t hold) {
    double equity = a->cash;
    for (int32_t i = 0; i < m->assets; i++)
        equity += a->held[i].units * m->open[i][t];
    for (int32_t i = 0; i < m->assets; i++)
        if ((due & ~hold) >> i & 1 && a->held[i].units > 0)
            sell(a, &a->held[i], m->open[i][t]);
    for (int32_t i = 0; i < m->assets; i++)
        if ((due & hold) >> i & 1)
            buy(a, &a->held[i], m->open[i][t], equity);
}

static double mark(struct account *a, const struct market *m, int32_t t) {
    double value = 0;
    for (int32_t i = 0; i < m->assets; i++)
        value += a->held[i].units * m->close[i][t];
    double equity = a->cash + value;
    a->totals.exposed_bars += value > 0;
    a->totals.gross += value / equity;
    return equity;
}

/* ---- one backtest ------------------------------------------------------- */

/* equity: [rows], marked at each close; hold: [rows], scratch. */
static struct totals backtest(const struct market *m, const struct pair *p,
                              double *equity, uint64_t *hold) {
    struct account a = {.cash = CAPITAL, .weight = 1.0 / m->assets};
    memset(hold, 0, (size_t)m->rows * sizeof *hold);
    for (int32_t i = 0; i < m->assets; i++)
        decide(m, i, p, hold);
    equity[0] = CAPITAL;
    for (int32_t t = 1; t < m->rows; t++) {
        uint64_t before = t > 1 ? hold[t - 2] : 0;
        if (hold[t - 1] != before)
            fill(&a, m, t, hold[t - 1] ^ before, hold[t - 1]);
        equity[t] = mark(&a, m, t);
    }
    return a.totals;
}

/* ---- statistics --------------------------------------------------------- */

struct statistics {
    double final, total_return, cagr, volatility, sharpe, sortino, calmar;
    double max_drawdown, win_rate, profit_factor, exposure_time;
    double exposure_gross, turnover, commission;
    double trades;
};

/* Daily returns over session closes, the capital as the first value. */
static int32_t daily_returns(const struct market *m, const double *equity,
                             double *returns) {
    int32_t n = 0;
    double before = CAPITAL;
    for (int32_t t = 0; t < m->rows; t++) {
        if (t + 1 < m->rows && m->session[t + 1] == m->session[t])
            continue;
        returns[n++] = equity[t] / before - 1;
        before = equity[t];
    }
    return n;
}

static double drawdown(const double *equity, int32_t n) {
    double peak = CAPITAL, worst = 0;
    for (int32_t t = 0; t < n; t++) {
        if (equity[t] > peak)
            peak = equity[t];
        if (equity[t] / peak - 1 < worst)
            worst = equity[t] / peak - 1;
    }
    return worst;
}

static void describe_returns(struct statistics *s, const double *r, int32_t n,
                             double per_year) {
    double sum = 0, squares = 0, below = 0;
    for (int32_t i = 0; i < n; i++) {
        sum += r[i];
        double loss = r[i] < 0 ? r[i] : 0;
        below += loss * loss;
    }
    double mean = sum / n;
    for (int32_t i = 0; i < n; i++)
        squares += (r[i] - mean) * (r[i] - mean);
    double deviation = sqrt(squares / (n - 1));
    s->volatility = deviation * sqrt(per_year);
    s->sharpe = mean / deviation * sqrt(per_year);
    s->sortino = mean * per_year / (sqrt(below / n) * sqrt(per_year));
}

static struct statistics describe(const struct market *m,
                                  const struct totals *totals,
                                  const double *equity, double *scratch) {
    double final = equity[m->rows - 1];
    double days =
        (double)(m->close_time[m->rows - 1] - m->open_time[0]) / 864e8;
    double mean_equity = 0;
    for (int32_t t = 0; t < m->rows; t++)
        mean_equity += equity[t];
    mean_equity /= m->rows;
    struct statistics s = {
        .final = final,
        .total_return = final / CAPITAL - 1,
        .cagr = pow(final / CAPITAL, 365.25 / days) - 1,
        .max_drawdown = drawdown(equity, m->rows),
        .trades = (double)totals->trades,
        .win_rate = (double)totals->wins / (double)totals->trades,
        .profit_factor = totals->gains / totals->losses,
        .exposure_time = (double)totals->exposed_bars / m->rows,
        .exposure_gross = totals->gross / m->rows,
        .turnover = totals->traded / mean_equity / (days / 365.25),
        .commission = totals->commission};
    s.calmar = s.cagr / fabs(s.max_drawdown);
    int32_t n = daily_returns(m, equity, scratch);
    describe_returns(&s, scratch, n, m->periods_per_year);
    return s;
}

/* ---- the program -------------------------------------------------------- */

static int32_t make_grid(struct pair *grid) {
    int32_t n = 0;
    for (int32_t fast = 5; fast <= 43; fast += 2)
        for (int32_t slow = 50; slow <= 240; slow += 10)
            grid[n++] = (struct pair){fast, slow, 1.0 / fast, 1.0 / slow};
    return n;
}

static void run_all(const struct market *m, const struct pair *grid, int32_t n,
                    struct statistics *out) {
    double *equity = allocate((size_t)m->rows * sizeof *equity);
    double *scratch = allocate((size_t)m->rows * sizeof *scratch);
    uint64_t *hold = allocate((size_t)m->rows * sizeof *hold);
    for (int32_t i = 0; i < n; i++) {
        struct totals totals = backtest(m, &grid[i], equity, hold);
        out[i] = describe(m, &totals, equity, scratch);
    }
    free(equity);
    free(scratch);
    free(hold);
}

static void print(const struct pair *p, const struct statistics *s) {
    printf("%d %d trades %.0f equity %.17g total_return %.17g cagr %.17g "
           "volatility %.17g sharpe_ratio %.17g sortino_ratio %.17g "
           "calmar_ratio %.17g max_drawdown %.17g win_rate %.17g "
           "profit_factor %.17g exposure_time %.17g exposure_gross %.17g "
           "turnover %.17g total_commission %.17g\n",
           p->fast, p->slow, s->trades, s->final, s->total_return, s->cagr,
           s->volatility, s->sharpe, s->sortino, s->calmar, s->max_drawdown,
           s->win_rate, s->profit_factor, s->exposure_time, s->exposure_gross,
           s->turnover, s->commission);
}

int main(int argc, char **argv) {
    if (argc < 3)
        die("usage", "plain sma400|minute BUNDLE [ROUNDS]");
    struct pair grid[400] = {{60, 390, 1.0 / 60, 1.0 / 390}};
    struct statistics out[400];
    int32_t n = strcmp(argv[1], "sma400") == 0 ? make_grid(grid) : 1;
    int rounds = argc > 3 ? atoi(argv[3]) : 1;
    struct market m = load(argv[2], "'open', 'close'");
    for (int round = 0; round < rounds; round++) {
        double start = cpu_seconds();
        run_all(&m, grid, n, out);
        double seconds = cpu_seconds() - start;
        for (int32_t i = 0; i < n && round == 0; i++)
            print(&grid[i], &out[i]);
        printf("seconds %.9f\n", seconds);
    }
    return 0;
}
