/* Which earlier trials one is held against, under a pruner.
 *
 * A search says of each point which group it is in (search_group); the loop
 * keeps that by number, 4 bytes a trial. Within a group it is the trials before
 * the batch that count, or, asynchronously, all that are there.
 */
#include "optimize/loop.h"

#include "base/mem.h"

/* Trials that were never asked here (an asynchronous study that went on) are
 * of the group that all are in where a search knows none. */
void loop_note_group(struct loop *l, int32_t number, const struct point *p) {
    while (l->group_count <= (size_t)number) {
        l->groups = mem_grow(l->groups, l->group_count, &l->group_cap,
                             sizeof *l->groups);
        l->groups[l->group_count++] = 0;
    }
    l->groups[number] = search_group(l->spec->search, p);
}

void loop_limits(const struct loop *l, int32_t number,
                 struct prune_limits *out) {
    const struct optimize_spec *spec = l->spec;
    struct prune_scope scope = {.study = spec->study,
                                .groups = l->groups,
                                .first = l->async ? number : l->batch_start,
                                .number = number};
    *out = (struct prune_limits){.kind = PRUNE_NEVER};
    if (spec->prune.kind != PRUNE_NEVER && l->groups[number] >= 0)
        prune_limits(&spec->prune, &scope, loop_sign(l, 0), out);
}
