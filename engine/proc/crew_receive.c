/* Replies: frames of workers, doubted field by field, to results.
 *
 * A worker answers its jobs in the order they were sent, so a reply must carry
 * the ticket at the head of its queue; anything else is garbage, and a worker
 * that sends garbage is killed and its jobs are run again. One frame at a time
 * is held and handed out record by record, without a copy.
 *
 * A worker that died may have left frames behind: they are read before it is
 * buried. The kernel may report ECONNRESET once before it gives them out.
 */
#include "proc/crew_parts.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MEAN_SHARE 0.2 /* weight of the newest job in the running mean */

static void learn(struct crew *c, double seconds) {
    if (!(seconds >= 0))
        return;
    c->mean_seconds =
        c->mean_seconds > 0
            ? c->mean_seconds + MEAN_SHARE * (seconds - c->mean_seconds)
            : seconds + 1e-9; /* 0 means not known */
}

/* The job at the head of the worker's queue becomes the reported one. */
static void report(struct crew *c, struct member *m, double seconds,
                   const char *reply, size_t n, struct crew_result *out) {
    struct job *j = jobs_pop(&m->sent);
    c->reported = j;
    c->pending--;
    c->answered++;
    m->answered++;
    m->worked += seconds;
    learn(c, seconds);
    *out = (struct crew_result){
        .ticket = j->ticket,
        .event = CREW_REPLY,
        .attempts = j->faults + j->losses + 1,
        .seconds = seconds,
        .reply = reply,
        .reply_len = n,
    };
}

static void reject(struct crew *c, struct member *m) {
    c->hand_out.from = NULL;
    crew_bury(c, m, CAUSE_GARBAGE);
}

static bool is_due(const struct member *m, int64_t ticket) {
    return m->sent.head && m->sent.head->ticket == ticket;
}

/* Next reply of the frame in hand. */
static bool hand_out(struct crew *c, struct crew_result *out) {
    struct hand_out *h = &c->hand_out;
    struct wire_record r;
    const char *why;
    if (!h->from)
        return false;
    if (!wire_next(&h->frame, &h->at, &r, &why)) {
        if (why)
            reject(c, h->from);
        h->from = NULL;
        return false;
    }
    if (!is_due(h->from, r.ticket)) {
        reject(c, h->from);
        return false;
    }
    report(c, h->from, r.seconds, r.bytes, r.length, out);
    return true;
}

/* A part of a large reply. True when it was the last one. */
static bool take_chunk(struct crew *c, struct member *m,
                       const struct wire_frame *f, struct crew_result *out) {
    struct wire_record r;
    const char *why;
    size_t at = 0;
    bool first = f->chunk == 0;
    if (first) {
        buf_clear(&m->chunks);
        m->next_chunk = 0;
        m->chunk_count = f->chunks;
    }
    if (!wire_next(f, &at, &r, &why) || at != f->length ||
        !is_due(m, r.ticket) || f->chunk != m->next_chunk ||
        f->chunks != m->chunk_count) {
        reject(c, m);
        return false;
    }
    buf_add(&m->chunks, r.bytes, r.length);
    if (++m->next_chunk < m->chunk_count)
        return false;
    m->next_chunk = m->chunk_count = 0;
    report(c, m, r.seconds, m->chunks.data, m->chunks.len, out);
    return true;
}

static void greet(struct crew *c, struct member *m) {
    if (m->greeted) {
        reject(c, m);
        return;
    }
    m->greeted = true;
    c->stillborn = 0;
    c->start_seconds = clock_monotonic() - m->born;
    c->unfenced |= c->limits.fenced && !m->beat->fenced;
}

/* A frame in c->in. True when it gave a result at once. */
static bool take_frame(struct crew *c, struct member *m, size_t n,
                       struct crew_result *out) {
    struct wire_frame f;
    const char *why;
    if (!wire_parse(c->in, n, &f, &why) || f.type == WIRE_JOBS ||
        (!m->greeted && f.type != WIRE_HELLO) ||
        (m->next_chunk > 0 && f.type != WIRE_CHUNK)) {
        reject(c, m);
        return false;
    }
    if (f.type == WIRE_HELLO)
        greet(c, m);
    else if (f.type == WIRE_CHUNK)
        return take_chunk(c, m, &f, out);
    else
        c->hand_out = (struct hand_out){m, f, 0};
    return false;
}

/* One frame of a member that may have one. */
static bool read_member(struct crew *c, struct member *m,
                        struct crew_result *out) {
    ssize_t n = recv(m->process.socket, c->in, WIRE_FRAME_MAX + 1,
                     MSG_DONTWAIT | MSG_TRUNC);
    if (n > 0)
        return take_frame(c, m, (size_t)n, out);
    m->ready = n < 0 && (errno == EINTR || errno == ECONNRESET);
    if (n == 0 || (!m->ready && errno != EAGAIN))
        crew_bury(c, m, CAUSE_DIED);
    return false;
}

static bool report_lost(struct crew *c, struct crew_result *out) {
    struct job *j = jobs_pop(&c->lost);
    if (!j)
        return false;
    c->reported = j;
    c->pending--;
    *out = (struct crew_result){
        .ticket = j->ticket,
        .event = j->event,
        .attempts = j->faults + j->losses,
        .signal = j->signal,
        .exit_code = j->exit_code,
        .seconds = 0,
        .reply = j->last_line,
        .reply_len = strlen(j->last_line),
    };
    return true;
}

bool crew_receive(struct crew *c, struct crew_result *out) {
    free(c->reported);
    c->reported = NULL;
    for (int32_t i = 0; i < c->capacity;) {
        struct member *m = &c->members[i];
        if (report_lost(c, out) || hand_out(c, out))
            return true;
        if (m->process.pid == 0 || !m->ready)
            i++;
        else if (read_member(c, m, out))
            return true;
    }
    return report_lost(c, out) || hand_out(c, out);
}
