/* Trials between ask and commit, by number. */
#ifndef BT_OPTIMIZE_WINDOW_H
#define BT_OPTIMIZE_WINDOW_H

#include "optimize/optimize.h"

enum { WINDOW_SLOTS = CREW_QUEUE_MAX };

enum slot_state {
    SLOT_WORKING, /* with the crew */
    SLOT_TWIN,    /* takes the result of an earlier trial */
    SLOT_STORED,  /* the study holds it from an earlier run */
    SLOT_KNOWN,   /* an earlier study holds it */
    SLOT_DONE     /* answered */
};

struct slot {
    enum slot_state state;
    bool committed;
    int32_t twin;      /* number of the earlier trial */
    int32_t fatal;     /* BT_E_* reported by the worker */
    struct buf params; /* canonical; kept allocated from use to use */
    struct buf message, log;
    struct buf series; /* of the outcome, `width` bytes a value */
    int32_t width;
    struct point *point; /* for adaptive searches, else NULL */
    bt_trial trial; /* once DONE; params, message and steps are those here */
    double steps[BT_STEPS_MAX];
};

/* Numbers head .. next-1 are in the window. */
struct window {
    struct slot *slots; /* [WINDOW_SLOTS], number modulo that */
    int32_t head, next, first;
};

void window_init(struct window *w);
/* Begin at another number than 1, before the first push. */
void window_start(struct window *w, int32_t first);
void window_fini(struct window *w);
bool window_is_full(const struct window *w);
bool window_is_empty(const struct window *w);
struct slot *window_slot(const struct window *w, int32_t number);
/* A cleared slot for number `next`, which it becomes part of. */
struct slot *window_push(struct window *w);
void window_pop(struct window *w); /* drops the head */

#endif
