/* What comes back from the crew, as the trial of its slot.
 *
 * A reply is a worker's word on a trial and doubted field by field (reply.c).
 * Without one the trial crashed or ran out of time: then it has a state and a
 * reason and no number.
 */
#include "optimize/loop.h"

#include <math.h>
#include <signal.h>
#include <string.h>

static void describe_crash(struct slot *s, const struct crew_result *r) {
    if (r->signal)
        buf_printf(&s->message, "killed its worker %d times (signal %d, %s)",
                   r->attempts, r->signal, strsignal(r->signal));
    else
        buf_printf(&s->message, "its worker left %d times (exit code %d)",
                   r->attempts, r->exit_code);
    if (r->reply_len > 0)
        buf_printf(&s->message, ": %.*s", (int)r->reply_len, r->reply);
}

static void take_outcome(struct loop *l, struct slot *s,
                         const struct crew_result *r) {
    struct outcome o;
    bt_trial *t = &s->trial;
    outcome_init(&o);
    if (!reply_parse(r->reply, r->reply_len, &o)) {
        outcome_fini(&o);
        outcome_init(&o);
        buf_str(&o.message, "its worker sent an answer that makes no sense");
    }
    t->state = o.report.state;
    t->score = o.report.score;
    t->more_count = o.report.more_count;
    memcpy(t->more, o.report.more, sizeof t->more);
    t->violation = o.report.violation;
    t->step_count = o.report.step_count;
    memcpy(s->steps, o.report.steps, sizeof s->steps);
    t->steps = s->steps;
    t->seconds = o.seconds;
    t->started = o.started;
    t->worker = o.worker;
    memcpy(t->metrics, o.report.metrics, sizeof t->metrics);
    memcpy(t->hash, o.report.hash, sizeof t->hash);
    s->fatal = o.report.fatal;
    buf_add(&s->message, o.message.data, o.message.len);
    buf_add(&s->log, o.log.data, o.log.len);
    buf_add(&s->series, o.series.data, o.series.len);
    s->width = o.width;
    outcome_fini(&o);
    policy_seen(&l->policy, t->seconds);
    l->stats->worker_seconds += t->seconds;
}

/* A bundle's file that shrank under its mapping is bad data for every trial. */
static void check_bus(struct slot *s, const struct crew_result *r) {
    if (r->signal != SIGBUS)
        return;
    s->fatal = BT_E_DATA;
    buf_str(&s->message, "; a file of the bundle was cut or changed under the "
                         "run: `backlua bundle verify` tells");
}

static void take_loss(const struct loop *l, struct slot *s,
                      const struct crew_result *r) {
    bt_trial *t = &s->trial;
    bool late = r->event == CREW_TIMEOUT;
    t->state = late ? BT_TRIAL_TIMEOUT : BT_TRIAL_CRASHED;
    t->score = NAN;
    t->more_count = loop_objectives(l) - 1;
    for (int i = 0; i < BT_OBJECTIVES_MAX - 1; i++)
        t->more[i] = NAN;
    for (int i = 0; i < BT_METRICS; i++)
        t->metrics[i] = NAN;
    if (late)
        buf_str(&s->message, "stopped by a time limit");
    else
        describe_crash(s, r);
    check_bus(s, r);
}

void loop_take(struct loop *l, const struct crew_result *r) {
    struct slot *s = window_slot(&l->window, (int32_t)r->ticket);
    s->trial.number = (int32_t)r->ticket;
    s->trial.attempts = r->attempts;
    s->trial.signal = r->signal;
    if (r->event == CREW_REPLY)
        take_outcome(l, s, r);
    else
        take_loss(l, s, r);
    s->trial.params = s->params.data;
    s->trial.message = s->message.data;
    s->state = SLOT_DONE;
    l->replies++;
    l->stats->computed += s->trial.state != BT_TRIAL_INFEASIBLE;
}
