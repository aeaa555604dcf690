/* One backtest: all that belongs to it. Private to sim/; see run.c. */
#ifndef BT_SIM_RUN_H
#define BT_SIM_RUN_H

#include "backlua.h"
#include "base/map.h"
#include "base/rng.h"
#include "portal/portal.h"
#include "sim/account.h"
#include "sim/asking.h"
#include "sim/book.h"
#include "sim/control.h"
#include "sim/corporate.h"
#include "sim/ledger.h"
#include "sim/market.h"

enum run_state {
    RUN_START,    /* initialize: settings, no orders */
    RUN_BAR,      /* a bar has closed, handle_data is due */
    RUN_PAUSED,   /* between two bars: somebody looks at it (pause.c) */
    RUN_BEFORE,   /* between two sessions: before_trading_start is due */
    RUN_WORKING,  /* orders are worked: none can be given */
    RUN_DONE,     /* the last bar is finished */
    RUN_FINISHED, /* the result is made */
    RUN_FAILED
};

/* How much of a bar's volume an asset's orders have taken. */
struct taken {
    int32_t row; /* + 1, so that zeroed memory means none */
    double units;
};

struct progress;

struct records {
    bt_record *list;
    size_t count, cap;
    char **names;  /* [name_count] */
    int32_t *last; /* [name_count] index of the newest record of a name */
    size_t name_count, name_cap, last_cap;
    struct map *by_name; /* name to index + 1 */
};

/* Value traded in a calendar month, for tiered commissions. */
struct month {
    int32_t month; /* 12 * year + month, 0 before the first fill */
    double traded;
};

struct bt_run {
    bt_run_config config;
    enum run_state state;
    struct portal *portal;
    struct market market;
    struct ledger ledger;
    struct book book;
    struct account *rules;       /* NULL: cash and nothing else */
    struct controls *controls;   /* NULL: no limits of its own */
    struct corporate *corporate; /* NULL: nothing happens to any asset */
    struct progress *progress;   /* NULL: nobody has asked for metrics */
    struct taken *taken;         /* [assets] */
    struct working **touched; /* [touched_cap] orders that a bar matters to */
    size_t touched_cap;
    struct month month;
    struct asking asking;
    double ambiguous; /* groups that one bar offered two prices */
    struct records records;
    struct rng rng;
    const int32_t *sessions; /* [rows of the calendar] */
    int32_t first, last;     /* rows of the run */
    int32_t stop;            /* row that it pauses after; last: none */
    int32_t row;             /* current, first - 1 before the first bar */
    int32_t calm; /* rows before it need nothing but orders; see bt_run_step */
    int32_t rows, assets;         /* of the bundle */
    int32_t bars;                 /* equity points so far */
    int32_t exposed_bars;         /* of them, those that end with a position */
    int32_t closing;              /* row at whose end positions are closed */
    int32_t benchmark;            /* asset, -1 for none */
    bool announces;               /* it stops before each session */
    double *cash, *value, *gross; /* [last - first + 1] at each close */
    int64_t beat_start;
};

/* Terms of an asset whose columns are mapped. */
static inline const struct terms *terms_of(const struct bt_run *run,
                                           int32_t sid) {
    return &run->market.assets[sid].terms;
}

#endif
