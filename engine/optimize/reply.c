/* What a worker does with a job, and how its answer travels.
 *
 * The worker unpacks the point, evaluates it, takes along what was printed and
 * writes the outcome down field by field. The parent believes none of it:
 * lengths are checked, states must be ones a worker may report, a hash is 64
 * hex digits or nothing, and a score that is not finite makes the trial invalid
 * whatever the worker says, so that infinity can never be the best.
 */
#include "optimize/reply.h"

#include "base/clock.h"
#include "proc/worker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HASH_TEXT = 64, EXIT_BAD_JOB = 3 };

/* ---- outcomes ------------------------------------------------------------ */

void outcome_init(struct outcome *o) {
    memset(o, 0, sizeof *o);
    o->report.state = BT_TRIAL_FAILED;
    o->report.score = NAN;
    for (int i = 0; i < BT_METRICS; i++)
        o->report.metrics[i] = NAN;
    buf_init(&o->message);
    buf_init(&o->log);
    buf_init(&o->series);
}

void outcome_fini(struct outcome *o) {
    buf_fini(&o->message);
    buf_fini(&o->log);
    buf_fini(&o->series);
}

/* Lua texts may hold zeros, which the study's texts cannot. */
static void add_text(struct buf *to, const char *text, size_t n, size_t limit,
                     const char *cut_note) {
    size_t room = to->len < limit ? limit - to->len : 0;
    size_t from = to->len;
    if (room == 0)
        return;
    buf_add(to, text, n < room ? n : room);
    for (size_t i = from; i < to->len; i++) {
        if (to->data[i] == '\0')
            to->data[i] = ' ';
    }
    if (n >= room)
        buf_str(to, cut_note);
}

void bt_outcome_message(bt_outcome *o, const char *text, int64_t n) {
    struct outcome *whole = (struct outcome *)o;
    buf_clear(&whole->message);
    add_text(&whole->message, text, (size_t)n, BT_TRIAL_MESSAGE_MAX, "...");
}

int32_t bt_outcome_step(bt_outcome *o, double score) {
    const struct outcome *whole = (const struct outcome *)o;
    if (o->step_count >= o->blocks)
        return 0;
    o->steps[o->step_count++] = score;
    return prune_stops(&whole->limits, o->steps, o->step_count);
}

void bt_outcome_log(bt_outcome *o, const char *text, int64_t n) {
    struct outcome *whole = (struct outcome *)o;
    add_text(&whole->log, text, (size_t)n, BT_TRIAL_LOG_MAX,
             "\n[the log ends here: 64 KiB]\n");
}

void bt_outcome_series(bt_outcome *o, const double *x, int32_t n,
                       int32_t width) {
    struct outcome *whole = (struct outcome *)o;
    buf_clear(&whole->series);
    whole->width = width == 4 ? 4 : 8;
    for (int32_t i = 0; i < n && i < BT_SERIES_MAX; i++) {
        float narrow = (float)x[i];
        if (whole->width == 4)
            buf_add(&whole->series, &narrow, sizeof narrow);
        else
            buf_add(&whole->series, &x[i], sizeof x[i]);
    }
}

static void judge_one(struct outcome *o, double score) {
    bt_outcome *r = &o->report;
    bool scored = r->state == BT_TRIAL_DONE || r->state == BT_TRIAL_VIOLATED;
    if (!scored || isfinite(score))
        return;
    r->state = BT_TRIAL_INVALID;
    if (o->message.len == 0)
        buf_printf(&o->message, "the objective is %s",
                   isnan(score) ? "nan"
                   : score > 0  ? "inf"
                                : "-inf");
}

static void judge_score(struct outcome *o) {
    bt_outcome *r = &o->report;
    judge_one(o, r->score);
    for (int i = 0; i < r->more_count; i++)
        judge_one(o, r->more[i]);
    if (r->state == BT_TRIAL_DONE || r->state == BT_TRIAL_VIOLATED)
        return;
    r->score = NAN;
    for (int i = 0; i < BT_OBJECTIVES_MAX - 1; i++)
        r->more[i] = NAN;
}

/* ---- in the worker ------------------------------------------------------- */

static void add_counted(struct buf *out, const char *text, size_t n) {
    buf_i32(out, (int32_t)n);
    buf_add(out, text, n);
}

static void add_doubles(struct buf *out, const double *v, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        buf_f64(out, v[i]);
}

static void write_outcome(const struct outcome *o, struct buf *out) {
    const bt_outcome *r = &o->report;
    buf_i32(out, r->state);
    buf_i32(out, r->fatal);
    buf_i32(out, r->more_count);
    buf_i32(out, r->step_count);
    buf_f64(out, r->score);
    add_doubles(out, r->more, r->more_count);
    buf_f64(out, r->violation);
    add_doubles(out, r->steps, r->step_count);
    buf_f64(out, o->seconds);
    buf_add(out, &o->started, sizeof o->started);
    buf_i32(out, o->worker);
    for (int i = 0; i < BT_METRICS; i++)
        buf_f64(out, r->metrics[i]);
    add_counted(out, r->hash, strnlen(r->hash, HASH_TEXT));
    add_counted(out, o->message.data, o->message.len);
    add_counted(out, o->log.data, o->log.len);
    buf_i32(out, o->width);
    add_counted(out, o->series.data, o->series.len);
}

static bool unpack_job(const bt_space *space, const char *job, size_t n,
                       int32_t *number, struct prune_limits *limits,
                       struct point *p) {
    if (n < sizeof *number)
        return false;
    memcpy(number, job, sizeof *number);
    size_t at = sizeof *number;
    size_t used = prune_unpack(job + at, n - at, limits);
    at += used;
    return used > 0 && point_unpack(space, job + at, n - at, p);
}

void reply_work(void *ctx, const char *job, size_t n, struct buf *reply,
                volatile int64_t *beat) {
    const struct assignment *a = ctx;
    struct point p;
    struct outcome o;
    struct buf canonical, printed;
    int32_t number;
    outcome_init(&o);
    if (!unpack_job(a->space, job, n, &number, &o.limits, &p))
        _exit(EXIT_BAD_JOB);
    o.report.blocks = o.limits.blocks;
    o.report.apart = o.limits.apart;
    buf_init(&canonical);
    buf_init(&printed);
    point_canonical(a->space, &p, &canonical);
    o.started = clock_wall_us();
    o.worker = (int32_t)getpid();
    double begun = clock_monotonic();
    a->evaluate(a->ctx, a->space, &p, canonical.data, number, beat, &o);
    o.seconds = clock_monotonic() - begun;
    worker_output(&printed);
    bt_outcome_log(&o.report, printed.data, (int64_t)printed.len);
    judge_score(&o);
    write_outcome(&o, reply);
    buf_fini(&printed);
    buf_fini(&canonical);
    outcome_fini(&o);
}

/* ---- in the parent ------------------------------------------------------- */

void reply_pack_job(const bt_space *space, int32_t number,
                    const struct prune_limits *limits, const struct point *p,
                    struct buf *out) {
    buf_clear(out);
    buf_i32(out, number);
    prune_pack(limits, out);
    point_pack(space, p, out);
}

struct reader {
    const char *at;
    size_t left;
    bool ok;
};

static void take(struct reader *r, void *out, size_t n) {
    if (!r->ok || n > r->left) {
        r->ok = false;
        return;
    }
    memcpy(out, r->at, n);
    r->at += n;
    r->left -= n;
}

static void take_bytes(struct reader *r, struct buf *out) {
    int32_t n = -1;
    take(r, &n, sizeof n);
    if (!r->ok || n < 0 || (size_t)n > r->left) {
        r->ok = false;
        return;
    }
    buf_clear(out);
    buf_add(out, r->at, (size_t)n);
    r->at += n;
    r->left -= (size_t)n;
}

static void take_text(struct reader *r, struct buf *out) {
    take_bytes(r, out);
    r->ok = r->ok && (out->len == 0 || !memchr(out->data, '\0', out->len));
}

static void take_series(struct reader *r, struct outcome *out) {
    take(r, &out->width, sizeof out->width);
    take_bytes(r, &out->series);
    bool known = out->width == 4 || out->width == 8;
    r->ok = r->ok && (known ? out->series.len % (size_t)out->width == 0
                            : out->width == 0 && out->series.len == 0);
}

static bool take_hash(struct reader *r, char *out) {
    struct buf text;
    buf_init(&text);
    take_text(r, &text);
    bool ok = r->ok && (text.len == 0 || text.len == HASH_TEXT) &&
              strspn(text.data, "0123456789abcdef") == text.len;
    if (ok)
        memcpy(out, text.data, text.len + 1);
    buf_fini(&text);
    return ok;
}

static bool is_reportable(int32_t state) {
    return state >= BT_TRIAL_DONE && state <= BT_TRIAL_VIOLATED &&
           state != BT_TRIAL_CRASHED && state != BT_TRIAL_TIMEOUT;
}

static void take_doubles(struct reader *r, double *out, int32_t n,
                         int32_t most) {
    r->ok = r->ok && n >= 0 && n <= most;
    if (r->ok)
        take(r, out, (size_t)n * sizeof *out);
}

bool reply_parse(const char *reply, size_t n, struct outcome *out) {
    struct reader r = {reply, n, true};
    bt_outcome *report = &out->report;
    take(&r, &report->state, sizeof report->state);
    take(&r, &report->fatal, sizeof report->fatal);
    take(&r, &report->more_count, sizeof report->more_count);
    take(&r, &report->step_count, sizeof report->step_count);
    take(&r, &report->score, sizeof report->score);
    take_doubles(&r, report->more, report->more_count, BT_OBJECTIVES_MAX - 1);
    take(&r, &report->violation, sizeof report->violation);
    take_doubles(&r, report->steps, report->step_count, BT_STEPS_MAX);
    take(&r, &out->seconds, sizeof out->seconds);
    take(&r, &out->started, sizeof out->started);
    take(&r, &out->worker, sizeof out->worker);
    take(&r, report->metrics, sizeof report->metrics);
    if (!r.ok || !take_hash(&r, report->hash))
        return false;
    take_text(&r, &out->message);
    take_text(&r, &out->log);
    take_series(&r, out);
    bool sound = r.ok && r.left == 0 && is_reportable(report->state) &&
                 report->violation >= 0 && report->fatal >= 0 &&
                 report->fatal <= BT_E_INTERRUPT && out->seconds >= 0 &&
                 isfinite(out->seconds) && out->worker >= 0;
    judge_score(out);
    return sound;
}
