/* How many workers a run is worth; see policy.c. */
#ifndef BT_OPTIMIZE_POLICY_H
#define BT_OPTIMIZE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy {
    double first;   /* seconds of the first trial, -1 before it */
    double seconds; /* of the trials after it */
    double trials;
};

struct policy_facts {
    double remaining;      /* trials, < 0: not known */
    double start_seconds;  /* fork to first frame of a worker */
    double parent_seconds; /* the parent's own work for one trial */
    double running;        /* seconds since the first trial was given out */
    int32_t alive, capacity;
};

struct policy_decision {
    int32_t workers;   /* to allow, 1 .. capacity */
    int32_t pays, fed; /* workers that pay; that the parent can feed */
    int32_t capacity;
    double remaining;         /* trials, < 0: not known */
    double mean, work, price; /* seconds: a trial, what is left, a worker */
    double running;           /* of the first trial, until it is timed */
    bool timed;               /* false before the first trial is */
};

void policy_init(struct policy *p);
void policy_seen(struct policy *p, double seconds);
struct policy_decision policy_decide(const struct policy *p,
                                     const struct policy_facts *f);
void policy_words(const struct policy_decision *d, char *out, size_t n);

#endif
