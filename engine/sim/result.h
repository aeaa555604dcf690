/* The finished run, out of the run's hands; see result.c. */
#ifndef BT_SIM_RESULT_H
#define BT_SIM_RESULT_H

#include "sim/run.h"

struct result {
    bt_result pub;     /* first: bt_result * is struct result * */
    bt_bundle *bundle; /* counted: symbols and times live there */
    char **record_names;
    double *seconds;
    int32_t first; /* row of the first bar */
};

/* Move arrays out of a run whose books are closed; metrics and hash computed.
 */
bt_result *result_take(bt_run *run);

/* SHA-256 of a result in hex, spec/golden/RESULT_HASH.md. */
void hash_result(const bt_result *r, const bt_bundle *b, char out[65]);

#endif
