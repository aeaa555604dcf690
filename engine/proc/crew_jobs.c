/* Lists of jobs, first in first out. */
#include "proc/crew_parts.h"

#include <stdlib.h>

void jobs_push(struct job_list *l, struct job *j) {
    j->next = NULL;
    if (l->tail)
        l->tail->next = j;
    else
        l->head = j;
    l->tail = j;
    l->count++;
}

struct job *jobs_pop(struct job_list *l) {
    struct job *j = l->head;
    if (!j)
        return NULL;
    l->head = j->next;
    if (!l->head)
        l->tail = NULL;
    l->count--;
    return j;
}

void jobs_prepend(struct job_list *l, struct job_list *front) {
    if (!front->head)
        return;
    front->tail->next = l->head;
    l->head = front->head;
    if (!l->tail)
        l->tail = front->tail;
    l->count += front->count;
    *front = (struct job_list){NULL, NULL, 0};
}

struct job *jobs_remove(struct job_list *l, int64_t ticket) {
    struct job *before = NULL, *j = l->head;
    while (j && j->ticket != ticket) {
        before = j;
        j = j->next;
    }
    if (!j)
        return NULL;
    if (before)
        before->next = j->next;
    else
        l->head = j->next;
    if (l->tail == j)
        l->tail = before;
    l->count--;
    return j;
}

void jobs_free(struct job_list *l) {
    struct job *j;
    while ((j = jobs_pop(l)))
        free(j);
}
