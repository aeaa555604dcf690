/* The order-rich workload as plain C: the reference of spec/bench/brackets.lua.
 *
 *     brackets BUNDLE [ROUNDS]
 *
 * Every fifth bar, from the twenty-first on, each asset whose close is above
 * that of 20 bars ago is wanted. One that is held and not wanted is sold at the
 * next open, its exits cancelled; one that is wanted and not held is bought
 * there for 9 % of the equity, whole units at the close, and gets a stop 3 %
 * below and a target 5 % above what it cost, both from the bar after on. At an
 * open beyond them they trade at the open, else at their price when the bar
 * reaches it, the stop first. Commission 0.1 %. Equity is marked at each close.
 *
 * Output: "trades N equity X", then "seconds X" for each round, CPU time.
 */
#include "market.h"

#include <stdbool.h>

#define CAPITAL 1000000.0
#define COMMISSION 0.001
enum { WEEK = 5, BACK = 20 };

struct position {
    double units, stop, target;
    double to_buy; /* at the next open */
    bool to_sell;
};

struct account {
    double cash;
    int64_t trades;
    struct position held[MAX_ASSETS];
};

/* A hair under an integer is it, as the engine counts. */
static double whole(double x) {
    double nearest = nearbyint(x);
    bool close = fabs(x - nearest) <= 1e-9 * fmax(1, x);
    return close ? nearest : floor(x);
}

static void sell(struct account *a, struct position *p, double price) {
    double value = p->units * price;
    a->cash += value - COMMISSION * value;
    a->trades++;
    p->units = 0;
    p->to_sell = false;
}

static void buy(struct account *a, struct position *p, double price) {
    double value = p->to_buy * price;
    a->cash -= value + COMMISSION * value;
    p->units = p->to_buy;
    p->to_buy = 0;
    p->stop = price * (1.0 - 0.03);
    p->target = price * (1.0 + 0.05);
}

static void leave(struct account *a, const struct market *m, int32_t i,
                  int32_t t) {
    struct position *p = &a->held[i];
    double open = m->open[i][t];
    if (p->to_sell || open <= p->stop || open >= p->target)
        sell(a, p, open);
    else if (m->low[i][t] <= p->stop)
        sell(a, p, p->stop);
    else if (m->high[i][t] >= p->target)
        sell(a, p, p->target);
}

static void work(struct account *a, const struct market *m, int32_t t) {
    for (int32_t i = 0; i < m->assets; i++) {
        struct position *p = &a->held[i];
        if (p->units > 0)
            leave(a, m, i, t);
        if (p->to_buy > 0)
            buy(a, p, m->open[i][t]);
    }
}

static double mark(const struct account *a, const struct market *m, int32_t t) {
    double value = 0;
    for (int32_t i = 0; i < m->assets; i++)
        value += a->held[i].units * m->close[i][t];
    return a->cash + value;
}

static void decide(struct account *a, const struct market *m, int32_t t,
                   double equity) {
    for (int32_t i = 0; i < m->assets; i++) {
        struct position *p = &a->held[i];
        bool wanted = m->close[i][t] > m->close[i][t - BACK];
        if (p->units > 0 && !wanted)
            p->to_sell = true;
        else if (p->units == 0 && wanted)
            p->to_buy = whole(0.09 * equity / m->close[i][t]);
    }
}

static struct account backtest(const struct market *m, double *equity) {
    struct account a = {.cash = CAPITAL};
    for (int32_t t = 0; t < m->rows; t++) {
        work(&a, m, t);
        equity[t] = mark(&a, m, t);
        if ((t + 1) % WEEK == 0 && t >= BACK)
            decide(&a, m, t, equity[t]);
    }
    return a;
}

int main(int argc, char **argv) {
    if (argc < 2)
        die("usage", "brackets BUNDLE [ROUNDS]");
    int rounds = argc > 2 ? atoi(argv[2]) : 1;
    struct market m = load(argv[1], "'open', 'high', 'low', 'close'");
    double *equity = allocate((size_t)m.rows * sizeof *equity);
    for (int round = 0; round < rounds; round++) {
        double start = cpu_seconds();
        struct account a = backtest(&m, equity);
        double seconds = cpu_seconds() - start;
        if (round == 0)
            printf("trades %lld equity %.17g\n", (long long)a.trades,
                   equity[m.rows - 1]);
        printf("seconds %.9f\n", seconds);
    }
    return 0;
}
