/* An outcome as bytes: written by the worker, doubted by the parent. */
#ifndef BT_OPTIMIZE_REPLY_H
#define BT_OPTIMIZE_REPLY_H

#include "optimize/optimize.h"

/* What a worker inherits. */
struct assignment {
    optimize_evaluate evaluate;
    void *ctx;
    const bt_space *space;
};

/* A job: the trial's number, what it is pruned by, its packed point. */
void reply_pack_job(const bt_space *space, int32_t number,
                    const struct prune_limits *limits, const struct point *p,
                    struct buf *out);
/* crew_work of a worker; ctx is a struct assignment. */
void reply_work(void *ctx, const char *job, size_t n, struct buf *reply,
                volatile int64_t *beat);
/* Back to an outcome that outcome_init was called on. False: not one. */
bool reply_parse(const char *reply, size_t n, struct outcome *out);

void outcome_init(struct outcome *o); /* FAILED, nothing measured */
void outcome_fini(struct outcome *o);

#endif
