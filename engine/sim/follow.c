/* An indicator as of now: its handles go over to another series when a split or
 * a dividend changes what its columns show.
 *
 * The events of an asset cut the calendar into epochs (portal/adjust.c), and
 * while the cursor is in one, all that is shown of the past is one set of
 * numbers. So an indicator has a series for each epoch that a run comes to,
 * computed of the columns as of it when the cursor enters, from row 0 to the
 * last row that can be read then. What was an average of 100s before a 2:1
 * split is one of 50s after it, at every index of the handle, and
 * data:history(...):mean() agrees to the bit. With two assets an epoch is a
 * pair of theirs. Before the first event the columns are as quoted, and so is
 * the series, which indicator.c keeps; where nothing ever happens it is the
 * only one, and a bar pays nothing.
 *
 * A coarser frequency is made of the bundle's bars as of the epoch, as
 * data:history makes it: a bar that an event lies in is of one unit throughout.
 *
 * Series lie in the cache that all workers share. Without room there one is our
 * own until the next takes its place.
 *
 * Cost: for each epoch a multiplication for each row and input, and a pass of
 * the kernel.
 */
#include "sim/indicator.h"

#include "base/mem.h"
#include "base/status.h"
#include "portal/adjust.h"
#include "portal/resample.h"

#include <stdlib.h>

struct following {
    struct follower follower; /* first */
    struct indicator_request request;
    const struct adjust_events *events, *other_events;
    int32_t epoch, other_epoch; /* that are shown, -1 before the first */
    double *own;                /* the series, where it is not the cache's */
    bt_handle *handles[TA_OUTPUTS_MAX];
};

/* Columns as of an epoch; those that were made are freed at its end. */
struct as_of {
    const struct following *f;
    int32_t epoch, other_epoch;
    int32_t rows; /* of the bundle: up to the next event */
    int32_t n;    /* of the portal's bars among them */
    struct made {
        int32_t sid, field;
        double *data;
    } made[2 * BT_INPUTS];
    int32_t made_count;
};

static const struct adjust_events *events_of(const struct following *f,
                                             int32_t sid) {
    return sid == f->request.sid ? f->events : f->other_events;
}

static double *room(int32_t n) {
    return mem_alloc(((size_t)n + 1) * sizeof(double));
}

static double *adjusted(const struct as_of *a, int32_t sid, int32_t field,
                        const double *quoted) {
    double *out = room(a->rows);
    int32_t epoch = sid == a->f->request.sid ? a->epoch : a->other_epoch;
    adjust_fill(events_of(a->f, sid), epoch, field, quoted, 0, a->rows, out);
    return out;
}

static double *coarse(const struct as_of *a, int32_t field, const double *x) {
    struct groups closed = *portal_groups(a->f->request.portal);
    double *out = room(a->n);
    closed.count = a->n;
    resample_column(&closed, field, x, out);
    return out;
}

/* An indicator_column. The close is asked for twice: where it has no bar is
 * where the asset has none. */
static bt_status column_as_of(void *ctx, int32_t sid, int32_t field,
                              const double **out) {
    struct as_of *a = ctx;
    struct portal *p = a->f->request.portal;
    double *data;
    for (int32_t i = 0; i < a->made_count; i++)
        if (a->made[i].sid == sid && a->made[i].field == field) {
            *out = a->made[i].data;
            return BT_OK;
        }
    const double *quoted;
    TRY(portal_data(portal_base(p), sid, field, &quoted));
    data = adjusted(a, sid, field, quoted);
    if (portal_groups(p)) {
        double *fine = data;
        data = coarse(a, field, fine);
        free(fine);
    }
    a->made[a->made_count++] = (struct made){sid, field, data};
    *out = data;
    return BT_OK;
}

static bt_status run(struct as_of *a, double *series) {
    const struct indicator_request *r = &a->f->request;
    struct ta_input in = {.n = a->n};
    bt_status s = indicator_input(r, column_as_of, a, &in);
    double *session = indicator_sessions(r, a->n);
    in.session = session;
    if (s == BT_OK)
        ta_run(r->kernel, &in, r->params, series);
    free(session);
    while (a->made_count > 0)
        free(a->made[--a->made_count].data);
    return s;
}

static void show(struct following *f, const double *series, int32_t n) {
    for (int32_t i = 0; i < f->request.kernel->info.output_count; i++)
        f->handles[i]->hidden_data = series + (size_t)i * (size_t)n;
}

/* The series of an epoch into the handles. */
static bt_status make(struct following *f, struct as_of *a) {
    const struct indicator_request *r = &f->request;
    double params[TA_PARAMS_MAX + 5];
    int32_t count = 0;
    for (; count < r->param_count; count++)
        params[count] = r->params[count];
    params[count++] = r->adjust;
    params[count++] = a->epoch;
    params[count++] = a->other_epoch;
    struct cache_key key;
    indicator_key(r, " as of", params, count, &key);
    const double *known = cache_get(&key);
    size_t bytes = ((size_t)a->n + 1) * (size_t)r->kernel->info.output_count *
                   sizeof(double);
    double *shared = known ? NULL : cache_claim(&key, bytes);
    double *own = known || shared ? NULL : mem_alloc(bytes);
    if (!known)
        TRY(run(a, shared ? shared : own));
    if (shared)
        cache_ready(&key);
    show(f, known ? known : shared ? shared : own, a->n);
    free(f->own);
    f->own = own;
    return BT_OK;
}

static bt_status enter(struct following *f, int32_t epoch, int32_t other,
                       int32_t rows) {
    struct portal *p = f->request.portal;
    const struct groups *g = portal_groups(p);
    struct as_of a = {.f = f,
                      .epoch = epoch,
                      .other_epoch = other,
                      .rows = rows,
                      .n = g && rows > 0 ? g->closed[rows - 1] : rows};
    const double *quoted;
    if (epoch > 0 || other > 0) {
        TRY(make(f, &a));
    } else {
        TRY(indicator_quoted(&f->request, &quoted));
        show(f, quoted, portal_public(p)->rows);
    }
    f->epoch = epoch;
    f->other_epoch = other;
    return BT_OK;
}

/* Rows as of which an asset's columns are those of its epoch. */
static void narrow(const struct adjust_events *e, int32_t epoch, int32_t *from,
                   int32_t *until) {
    if (epoch > 0 && e->list[epoch - 1].row > *from)
        *from = e->list[epoch - 1].row;
    if (epoch < e->count && e->list[epoch].row < *until)
        *until = e->list[epoch].row;
}

static bt_status turn(struct follower *follower, int32_t row, int32_t *from,
                      int32_t *until) {
    struct following *f = (struct following *)follower;
    int32_t epoch = adjust_epoch(f->events, row);
    int32_t other = adjust_epoch(f->other_events, row);
    *from = INT32_MIN;
    *until = INT32_MAX;
    narrow(f->events, epoch, from, until);
    narrow(f->other_events, other, from, until);
    if (epoch == f->epoch && other == f->other_epoch)
        return BT_OK;
    int32_t rows = portal_public(portal_base(f->request.portal))->rows;
    return enter(f, epoch, other, *until < rows ? *until : rows);
}

static void fini(struct follower *f) {
    free(((struct following *)f)->own);
}

static bt_status find_events(struct following *f) {
    const struct indicator_request *r = &f->request;
    struct adjust *a = portal_adjustments(r->portal);
    bool two = ta_reads(r->kernel, BT_INPUT_OTHER) && r->other != r->sid;
    TRY(adjust_events(a, r->adjust, r->sid, &f->events));
    return adjust_events(a, two ? r->adjust : BT_ADJUST_NONE, r->other,
                         &f->other_events);
}

bt_status indicator_follow(const struct indicator_request *r,
                           bt_handle *const *handles) {
    struct following *f = mem_zalloc(1, sizeof *f);
    f->follower.turn = turn;
    f->follower.fini = fini;
    f->request = *r;
    f->epoch = f->other_epoch = -1;
    for (int32_t i = 0; i < r->kernel->info.output_count; i++)
        f->handles[i] = handles[i];
    bt_status s = find_events(f);
    if (s == BT_OK)
        s = portal_follow(r->portal, &f->follower);
    if (s != BT_OK) {
        fini(&f->follower);
        free(f);
    }
    return s;
}
