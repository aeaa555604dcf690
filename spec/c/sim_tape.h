/* Small markets for the tests of sim/: bars written down, made into a bundle of
 * their own, and a run over it.
 *
 * Day k is 2024-01-01 plus k days; its bar opens at 14:30 and closes at 21:00
 * UTC. An asset without a bar on a day has a gap there.
 */
#ifndef BT_SPEC_SIM_TAPE_H
#define BT_SPEC_SIM_TAPE_H

#include "backlua.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/builder.h"

#include "scratch.h"
#include "sim_number.h"

#include <stdlib.h>
#include <string.h>

struct tape_bar {
    int day;
    double open, high, low, close, volume;
};

struct tape_asset {
    const char *symbol;
    const struct tape_bar *bars;
    int count;
};

#define TAPE_COUNT(list) ((int)(sizeof(list) / sizeof *(list)))
#define TAPE_ASSET(symbol, list)                                               \
    { symbol, list, TAPE_COUNT(list) }

enum { TAPE_DAY0 = 19723 }; /* 2024-01-01, a Monday */

static inline bt_time tape_open_time(int day) {
    return ((bt_time)(TAPE_DAY0 + day) * 86400 + 52200) * 1000000;
}

static inline bt_time tape_close_time(int day) {
    return ((bt_time)(TAPE_DAY0 + day) * 86400 + 75600) * 1000000;
}

static inline void tape_ok(bt_status s) {
    if (s != BT_OK)
        fail_msg("status %d: %s", s, bt_error_message());
}

/* A folder of this process, where the caches of the program go as well. */
static inline const char *tape_folder(void) {
    static char folder[SCRATCH_TEXT];
    static int made;
    if (!made) {
        assert_non_null(scratch_new(folder));
        setenv("XDG_CACHE_HOME", folder, 1);
        setenv("BACKLUA_HOME", folder, 1);
        made = 1;
    }
    return folder;
}

static inline int tape_teardown(void **state) {
    (void)state;
    return fs_remove_tree(tape_folder());
}

static inline void tape_add(struct builder *b, const struct tape_asset *a) {
    struct bar *bars = mem_zalloc((size_t)a->count + 1, sizeof *bars);
    for (int i = 0; i < a->count; i++) {
        const struct tape_bar *t = &a->bars[i];
        bars[i] = (struct bar){.open_time = tape_open_time(t->day),
                               .close_time = tape_close_time(t->day),
                               .session = TAPE_DAY0 + t->day,
                               .open = t->open,
                               .high = t->high,
                               .low = t->low,
                               .close = t->close,
                               .volume = t->volume};
    }
    tape_ok(builder_asset(b, a->symbol, bars, a->count));
    free(bars);
}

/* A bundle of the assets, acquired once: the caller releases it. */
static inline bt_bundle *tape_bundle(const struct tape_asset *assets, int n) {
    static int number;
    struct builder *b = NULL;
    bt_bundle *bundle = NULL;
    char sha[65];
    char *folder = mem_printf("%s/%d", tape_folder(), number++);
    char *path = fs_join(folder, "tape");
    tape_ok(builder_open(folder, "tape", "1d", &b));
    for (int i = 0; i < n; i++)
        tape_add(b, &assets[i]);
    tape_ok(builder_commit(b, "{}", 0, sha));
    tape_ok(bt_bundle_acquire(path, &bundle));
    free(path);
    free(folder);
    return bundle;
}

/* ---- a run --------------------------------------------------------------- */

struct rig {
    bt_run_config config;
    bt_run *run;
    bt_result *result;
    const bt_account *account;
    const bt_position *position; /* [assets] */
};

/* Ten thousand, no costs, no volume limit; change config, then rig_start. */
static inline struct rig rig_new(const struct tape_asset *assets, int n) {
    struct rig r = {.run = NULL};
    bt_run_config_init(&r.config);
    r.config.bundle = tape_bundle(assets, n);
    r.config.capital = 10000;
    r.config.commission = (bt_commission){.kind = BT_COMMISSION_NONE};
    r.config.slippage = (bt_slippage){.kind = BT_SLIPPAGE_NONE};
    r.config.periods_per_year = 252;
    return r;
}

static inline void rig_start(struct rig *r) {
    tape_ok(bt_run_open(&r->config, &r->run));
    r->account = bt_run_account(r->run);
    r->position = bt_run_positions(r->run);
}

/* On to the next bar, which there is. */
static inline void rig_step(struct rig *r) {
    int32_t s = bt_run_step(r->run);
    if (s != BT_STEP_MORE)
        fail_msg("step gave %d: %s", s, bt_error_message());
}

/* Through all bars that are left, then close the books. */
static inline const bt_result *rig_finish(struct rig *r) {
    int32_t s;
    while ((s = bt_run_step(r->run)) == BT_STEP_MORE)
        continue;
    if (s != BT_STEP_DONE)
        fail_msg("step gave %d: %s", s, bt_error_message());
    tape_ok(bt_run_finish(r->run, &r->result));
    return r->result;
}

static inline void rig_free(struct rig *r) {
    bt_result_free(r->result);
    bt_run_close(r->run);
    bt_bundle_release(r->config.bundle);
}

static inline int32_t rig_order_flags(struct rig *r, int32_t sid, int32_t kind,
                                      double amount, int32_t flags) {
    return bt_order_submit(r->run, sid, kind, amount, NAN, NAN, flags);
}

static inline int32_t rig_order(struct rig *r, int32_t sid, double amount) {
    return rig_order_flags(r, sid, BT_ORDER_AMOUNT, amount, 0);
}

/* How an order stands, in one call. */
static inline void rig_expect(struct rig *r, int32_t id, int32_t status,
                              int32_t reason, double filled) {
    const bt_order *o = bt_order_get(r->run, id);
    assert_non_null(o);
    assert_int_equal(o->status, status);
    assert_string_equal(bt_reason_name(o->reason), bt_reason_name(reason));
    assert_number(o->filled, filled, 0);
}

#endif
