/* How many workers a run is worth, in milliseconds and not in trials.
 *
 * The first worker times the first trial. Another worker costs its start (fork
 * to first frame, measured on the first one) and its own cold first trial: what
 * the first trial took longer than the later ones. With work W left, going from
 * k-1 to k workers saves W/(k-1) - W/k = W/(k(k-1)); it is done while that is
 * more than MARGIN times the cost. Workers that live already are used at no
 * cost. Nor are there more workers than the parent can feed: one trial of a
 * worker against the parent's own work for a trial.
 *
 * A long first trial is not waited for. Of the time it has run already,
 * COLD_LEAST, half of the rest, and COLD_MOST in all are taken for its being
 * the first (compiling, sums of columns), and what is left for what later ones
 * last at least.
 *
 * The numbers decide where trials run, never which are asked or what they
 * score.
 */
#include "optimize/policy.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#define MARGIN 2.0
#define COLD_LEAST 0.02 /* seconds */
#define COLD_MOST 0.5
#define FEEDS_AT_LEAST 1e-7 /* seconds: a parent's work is never 0 */
enum { MS = 1000 };

void policy_init(struct policy *p) {
    *p = (struct policy){.first = -1};
}

void policy_seen(struct policy *p, double seconds) {
    if (p->first < 0) {
        p->first = seconds;
        return;
    }
    p->seconds += seconds;
    p->trials++;
}

/* Of a trial in a warm worker, as far as known. */
static double mean(const struct policy *p) {
    return p->trials > 0 ? p->seconds / p->trials : p->first;
}

static double cost(const struct policy *p, const struct policy_facts *f) {
    double cold = p->first - mean(p);
    return f->start_seconds + (cold > 0 ? cold : 0);
}

static double work_of(const struct policy_facts *f, double seconds) {
    return f->remaining < 0 ? (double)INFINITY : f->remaining * seconds;
}

/* The largest number that pays. */
static int32_t worth(double work, double price, int32_t capacity) {
    int32_t k = 1;
    while (k < capacity && work / ((k + 1.0) * k) > MARGIN * price)
        k++;
    return k;
}

static int32_t fed(const struct policy *p, const struct policy_facts *f) {
    double parent = fmax(f->parent_seconds, FEEDS_AT_LEAST);
    double most = 1 + floor(mean(p) / parent);
    return most < f->capacity ? (int32_t)most : f->capacity;
}

static int32_t least(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static void decide_timed(const struct policy *p, const struct policy_facts *f,
                         struct policy_decision *d) {
    d->mean = mean(p);
    d->work = work_of(f, d->mean);
    d->price = cost(p, f);
    d->pays = worth(d->work, d->price, f->capacity);
    d->fed = fed(p, f);
}

/* How fast the parent is nobody knows yet. */
static void decide_running(const struct policy_facts *f,
                           struct policy_decision *d) {
    d->fed = f->capacity;
    if (f->running <= COLD_LEAST)
        return;
    d->mean = fmax((f->running - COLD_LEAST) / 2, f->running - COLD_MOST);
    d->work = work_of(f, d->mean);
    d->price = f->start_seconds + f->running - d->mean;
    d->pays = worth(d->work, d->price, f->capacity);
}

struct policy_decision policy_decide(const struct policy *p,
                                     const struct policy_facts *f) {
    struct policy_decision d = {
        .capacity = f->capacity,
        .remaining = f->remaining,
        .workers = least(f->alive < 1 ? 1 : f->alive, f->capacity),
        .timed = p->first >= 0,
        .running = f->running,
    };
    if (d.timed)
        decide_timed(p, f, &d);
    else
        decide_running(f, &d);
    int32_t use = least(d.pays, d.fed);
    if (use > d.workers) /* living ones cost nothing */
        d.workers = use;
    return d;
}

void policy_words(const struct policy_decision *d, char *out, size_t n) {
    int used = snprintf(out, n, "%d of %d workers: ", d->workers, d->capacity);
    if (used < 0 || (size_t)used >= n)
        return;
    out += used;
    n -= (size_t)used;
    const char *hungry = d->fed < d->pays ? "; more could not be fed" : "";
    if (!d->timed && d->pays <= 1)
        snprintf(out, n, "no trial was timed");
    else if (!d->timed)
        snprintf(out, n, "the first trial has run for %.0f ms and is not done",
                 d->running * MS);
    else if (d->remaining < 0)
        snprintf(out, n, "trials of %.3f ms, their number is not known%s",
                 d->mean * MS, hungry);
    else
        snprintf(out, n,
                 "%.0f trials of %.3f ms left, %.1f ms of work; a worker costs "
                 "%.2f ms and must save %.2f ms%s",
                 d->remaining, d->mean * MS, d->work * MS, d->price * MS,
                 MARGIN * d->price * MS, hungry);
}
