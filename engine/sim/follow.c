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
 * What looks over a window and has no memory beyond it (ta_is_window) is
 * computed from NEAR rows before the epoch on; handles know how far back that
 * is (their floor), and who reads beyond it gets the whole series from then on.
 * A year's windows over 25 years with 60 events are so a ninth of the work.
 *
 * Series lie in tier 1 of the cache that all workers share, as adjusted columns
 * do. Without room there one is our own until the next takes its place.
 *
 * Cost: for each epoch a multiplication for each row and input, and a pass of
 * the kernel, over the rows that are computed.
 */
#include "sim/indicator.h"

#include "base/mem.h"
#include "base/status.h"
#include "portal/adjust.h"
#include "portal/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR = 250 };

struct following {
    struct follower follower; /* first */
    struct indicator_request request;
    const struct adjust_events *events, *other_events;
    int32_t epoch, other_epoch; /* that are shown, -1 before the first */
    bool deep;                  /* somebody read beyond the floor */
    double *own;                /* the series, where it is not the cache's */
    bt_handle *handles[TA_OUTPUTS_MAX];
};

/* Columns as of an epoch; those that were made are freed at its end. */
struct as_of {
    const struct following *f;
    int32_t epoch, other_epoch;
    int32_t rows;  /* of the bundle: up to the next event */
    int32_t n;     /* of the portal's bars among them */
    int32_t first; /* bar that the series begins with */
    int32_t from;  /* bar that its inputs begin with, and its row */
    int32_t from_row;
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
    double *out = room(a->rows - a->from_row);
    int32_t epoch = sid == a->f->request.sid ? a->epoch : a->other_epoch;
    adjust_fill(events_of(a->f, sid), epoch, field, quoted, a->from_row,
                a->rows, out - a->from_row);
    return out;
}

static double *coarse(const struct as_of *a, int32_t field, const double *x) {
    struct groups closed = *portal_groups(a->f->request.portal);
    double *out = room(a->n - a->from);
    closed.count = a->n - a->from;
    closed.first += a->from;
    resample_column(&closed, field, x - a->from_row, out);
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

/* Over the inputs: [outputs][n - from]. */
static bt_status run_inputs(struct as_of *a, double *out) {
    const struct indicator_request *r = &a->f->request;
    struct ta_input in = {.n = a->n - a->from};
    bt_status s = indicator_input(r, column_as_of, a, &in);
    double *session = indicator_sessions(r, a->n);
    in.session = session ? session + a->from : NULL;
    if (s == BT_OK)
        ta_run(r->kernel, &in, r->params, out);
    free(session);
    while (a->made_count > 0)
        free(a->made[--a->made_count].data);
    return s;
}

/* The series: [outputs][n - first]. */
static bt_status run(struct as_of *a, double *series) {
    int32_t outputs = a->f->request.kernel->info.output_count;
    size_t n = (size_t)(a->n - a->from), skip = (size_t)(a->first - a->from);
    if (skip == 0)
        return run_inputs(a, series);
    double *all = ta_room(outputs, a->n - a->from);
    bt_status s = run_inputs(a, all);
    for (int32_t i = 0; s == BT_OK && i < outputs; i++)
        memcpy(series + (size_t)i * (n - skip), all + (size_t)i * n + skip,
               (n - skip) * sizeof *series);
    free(all);
    return s;
}

/* ---- how far back ---------------------------------------------------------*/

static bool is_bar(const struct ta_input *in, int32_t row) {
    const double *masks[] = {in->mask, in->other_mask};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
        if (masks[i] && isnan(masks[i][row]))
            return false;
    for (int32_t i = 0; i < BT_INPUT_SESSION; i++)
        if (in->series[i] && isnan(in->series[i][row]))
            return false;
    return true;
}

/* Begin where the kernel has seen enough bars at a->first. Where a column has
 * no value is the same in all adjustments. */
static bt_status find_from(struct as_of *a) {
    const struct indicator_request *r = &a->f->request;
    int32_t bars = r->kernel->lookback(r->params);
    struct ta_input in = {.n = a->n};
    TRY(indicator_input(r, indicator_as_quoted, r->portal, &in));
    a->from = a->first;
    while (a->from > 0 && bars > 0)
        bars -= is_bar(&in, --a->from);
    return BT_OK;
}

/* Bars from a->first on, of inputs from a->from on. */
static bt_status settle_begin(struct as_of *a, int32_t since) {
    const struct indicator_request *r = &a->f->request;
    const struct groups *g = portal_groups(r->portal);
    int32_t bar = g && since > 0 ? g->closed[since - 1] : since;
    bool near = ta_is_window(r->kernel, r->params) && !a->f->deep;
    a->first = near && bar > NEAR ? bar - NEAR : 0;
    TRY(find_from(a));
    a->from_row = g && a->from > 0 ? g->first[a->from] : a->from;
    return BT_OK;
}

/* ---- series ---------------------------------------------------------------*/

static void show(struct following *f, const double *series, int32_t first,
                 int32_t n) {
    for (int32_t i = 0; i < f->request.kernel->info.output_count; i++) {
        f->handles[i]->hidden_data =
            series + (ptrdiff_t)i * (n - first) - first;
        f->handles[i]->hidden_floor = first;
    }
}

/* The series of an epoch into the handles. */
static bt_status make(struct following *f, struct as_of *a) {
    const struct indicator_request *r = &f->request;
    double params[TA_PARAMS_MAX + 6];
    int32_t count = 0;
    for (; count < r->param_count; count++)
        params[count] = r->params[count];
    params[count++] = r->adjust;
    params[count++] = a->epoch;
    params[count++] = a->other_epoch;
    params[count++] = a->first;
    struct cache_key key;
    indicator_key(r, " as of", params, count, &key);
    cache_key_permanent(&key);
    const double *known = cache_get(&key);
    size_t bytes = ((size_t)(a->n - a->first) + 1) *
                   (size_t)r->kernel->info.output_count * sizeof(double);
    double *shared = known ? NULL : cache_claim(&key, bytes);
    double *own = known || shared ? NULL : mem_alloc(bytes);
    if (!known)
        TRY(run(a, shared ? shared : own));
    if (shared)
        cache_ready(&key);
    show(f, known ? known : shared ? shared : own, a->first, a->n);
    free(f->own);
    f->own = own;
    return BT_OK;
}

/* Epochs that hold for rows since .. rows - 1 of the bundle. */
static bt_status enter(struct following *f, int32_t epoch, int32_t other,
                       int32_t since, int32_t rows) {
    struct portal *p = f->request.portal;
    const struct groups *g = portal_groups(p);
    struct as_of a = {.f = f,
                      .epoch = epoch,
                      .other_epoch = other,
                      .rows = rows,
                      .n = g && rows > 0 ? g->closed[rows - 1] : rows};
    const double *quoted;
    if (epoch > 0 || other > 0) {
        TRY(settle_begin(&a, since));
        TRY(make(f, &a));
    } else {
        TRY(indicator_quoted(&f->request, &quoted));
        show(f, quoted, 0, portal_public(p)->rows);
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
    return enter(f, epoch, other, *from > 0 ? *from : 0,
                 *until < rows ? *until : rows);
}

bt_status bt_handle_reach(bt_handle *h) {
    struct following *f = h->hidden_owner;
    int32_t from, until;
    if (f == NULL || f->deep)
        return BT_OK;
    f->deep = true;
    f->epoch = -1; /* entered anew */
    return turn(&f->follower,
                portal_public(portal_base(f->request.portal))->cursor, &from,
                &until);
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
        return s;
    }
    for (int32_t i = 0; i < r->kernel->info.output_count; i++)
        handles[i]->hidden_owner = f;
    return BT_OK;
}
