/* The inside of a crew, shared by the crew_*.c files alone. */
#ifndef BT_PROC_CREW_PARTS_H
#define BT_PROC_CREW_PARTS_H

#include "proc/crew.h"
#include "proc/wire.h"
#include "proc/worker.h"

#include <poll.h>
#include <stdint.h>

enum { BEAT_BYTES = 128 }; /* two cache lines, so that workers do not share */

/* What a worker shows its parent without a system call. Written by the worker
 * but for hold. */
struct beat {
    volatile int64_t count;  /* advanced by the work */
    volatile int64_t turn;   /* jobs begun */
    volatile int64_t ticket; /* of the job begun last */
    volatile int32_t busy;   /* holds a frame of jobs or unsent replies */
    volatile int32_t hold;   /* begin no more jobs */
    volatile int32_t fenced; /* the fence is up */
    char padding[BEAT_BYTES - 40];
};

struct job {
    struct job *next;
    int64_t ticket;
    enum crew_event event; /* why it was given up */
    int32_t faults, losses;
    int32_t signal, exit_code; /* of its last worker */
    char last_line[160];       /* of its last worker */
    size_t length;
    char bytes[];
};

struct job_list {
    struct job *head, *tail;
    int32_t count;
};

struct member {
    struct worker process; /* pid 0: nobody */
    struct beat *beat;
    struct job_list sent; /* in order, not answered */
    bool greeted;         /* its first frame came */
    bool ready;           /* poll saw something to read */
    double born;
    int64_t seen_count, seen_turn;
    double count_at, turn_at; /* on the crew's watch */
    struct buf chunks;        /* a reply that comes in pieces */
    uint32_t next_chunk, chunk_count;
    int32_t forks, respawns; /* since the crew was opened, as the next two */
    int64_t answered;
    double worked; /* seconds */
};

/* The frame whose replies are being handed out. */
struct hand_out {
    struct member *from; /* NULL: none */
    struct wire_frame frame;
    size_t at;
};

struct crew {
    struct crew *next; /* of those that are open, for crew_kill_all */
    int32_t owner;     /* pid */
    int32_t capacity, allowed;
    double memory; /* a worker's share of what there was, 0: not asked yet */
    struct member *members; /* [capacity] */
    struct beat *beats;     /* [capacity], shared memory */
    struct pollfd *polls;   /* [capacity] */
    struct job_list queue;  /* not sent */
    struct job_list lost;   /* given up, to be reported */
    struct job *reported;   /* freed at the next poll */
    int32_t pending;
    bool draining;
    bool no_more_forks; /* the system refused one; until crew_prepare */
    bool unfenced;      /* a worker got no fence, though asked; likewise */
    char *key;
    crew_work work;
    void *ctx;
    struct crew_limits limits;
    void (*before_fork)(void *ctx); /* NULL: none, or it was called */
    void *before_ctx;
    int32_t stillborn;    /* deaths before a first frame, in a row */
    char last_words[160]; /* of the last of these */
    double mean_seconds;  /* of recent jobs, 0 = not known */
    double start_seconds;
    double watch, watch_read; /* see crew_watch.c */
    struct buf out;           /* frame being built */
    char *in;                 /* [WIRE_FRAME_MAX + 1] frame being read */
    struct hand_out hand_out;
    double opened;
    int64_t batches, answered, forks, respawns;
};

/* crew_jobs.c */
void jobs_push(struct job_list *l, struct job *j);
struct job *jobs_pop(struct job_list *l);
void jobs_prepend(struct job_list *l, struct job_list *front); /* front empty */
struct job *jobs_remove(struct job_list *l, int64_t ticket);
void jobs_free(struct job_list *l);

/* crew_child.c: the worker's loop. */
struct child {
    crew_work work;
    void *ctx;
    struct beat *beat;
    struct crew_limits limits;
};
void child_run(int socket, void *child);

/* crew_receive.c: read frames of ready members until there is a result. */
bool crew_receive(struct crew *c, struct crew_result *out);

/* crew_watch.c */
enum cause { CAUSE_DIED, CAUSE_TIMEOUT, CAUSE_GARBAGE, CAUSE_STOPPED };
void crew_bury(struct crew *c, struct member *m, enum cause cause);
void crew_watch(struct crew *c);
bool crew_has_limits(const struct crew *c);

/* crew.c */
void crew_dismiss(struct crew *c, struct member *m); /* jobs forgotten */

#endif
