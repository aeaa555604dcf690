/* A ring of trials: asked at one end in number order, committed at the other.
 *
 * Workers answer in any order; the ring is where the order is restored. A slot
 * keeps its buffers from trial to trial, so a steady run allocates nothing, and
 * is touched for the first time when it is first used, so a small run stays
 * small.
 */
#include "optimize/window.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void window_init(struct window *w) {
    w->slots = mem_alloc(WINDOW_SLOTS * sizeof *w->slots);
    window_start(w, 1);
}

void window_start(struct window *w, int32_t first) {
    w->head = w->next = w->first = first;
}

void window_fini(struct window *w) {
    for (int32_t n = w->first; n < w->next && n - w->first < WINDOW_SLOTS;
         n++) {
        struct slot *s = window_slot(w, n);
        buf_fini(&s->params);
        buf_fini(&s->message);
        buf_fini(&s->log);
        buf_fini(&s->series);
        free(s->point);
    }
    free(w->slots);
}

bool window_is_full(const struct window *w) {
    return w->next - w->head == WINDOW_SLOTS;
}

bool window_is_empty(const struct window *w) {
    return w->next == w->head;
}

struct slot *window_slot(const struct window *w, int32_t number) {
    return &w->slots[number % WINDOW_SLOTS];
}

struct slot *window_push(struct window *w) {
    struct slot *s = window_slot(w, w->next);
    if (w->next++ - w->first < WINDOW_SLOTS) { /* the slot's first use */
        *s = (struct slot){0};
        buf_init(&s->params);
        buf_init(&s->message);
        buf_init(&s->log);
        buf_init(&s->series);
    }
    buf_clear(&s->params);
    buf_clear(&s->message);
    buf_clear(&s->log);
    memset(&s->trial, 0, sizeof s->trial);
    s->state = SLOT_WORKING;
    s->committed = false;
    s->twin = s->fatal = s->width = 0;
    return s;
}

/* Series are large: their memory goes at once. */
void window_pop(struct window *w) {
    struct slot *s = window_slot(w, w->head);
    buf_fini(&s->series);
    w->head++;
}
