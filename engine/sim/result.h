/* The finished run, out of the run's hands; see result.c. */
#ifndef BT_SIM_RESULT_H
#define BT_SIM_RESULT_H

#include "sim/run.h"

struct result {
    bt_result pub;     /* first: bt_result * is struct result * */
    bt_bundle *bundle; /* counted: symbols and times live there */
    char **record_names;
    double *benchmark;     /* owned: what pub.benchmark shows */
    struct portal *portal; /* NULL until a bar is asked for */
    int32_t first;         /* row of the first bar */
    double lot;            /* of assets without their own */
    struct terms *terms;   /* [assets] set for the run, or NULL */
    char *block; /* NULL, or one block that holds all the arrays; kept.c */
};

/* Unix seconds of a time. */
static inline double seconds_of(bt_time t) {
    return (double)t / 1e6;
}

/* A whole column of the result's bundle, as quoted. */
bt_status result_column(const bt_result *r, int32_t sid, int32_t field,
                        const double **out);
/* Show the value of an asset as the benchmark; see benchmark.c. */
bt_status benchmark_take(bt_run *run, struct result *r);

/* Move arrays out of a run whose books are closed; metrics and hash computed.
 */
bt_status result_take(bt_run *run, bt_result **out);

/* SHA-256 of a result in hex, spec/golden/RESULT_HASH.md. */
void hash_result(const bt_result *r, const bt_bundle *b, char out[65]);

#endif
