/* A lens is an array of columns like the shelf's, in which the column of an
 * asset gives way to its next one when the cursor enters the asset's next epoch
 * (adjust.c). Lua computes windows from whatever stands there, so an adjusted
 * window costs what a plain one costs, and a bar on which nothing happens costs
 * one comparison (portal_set_cursor).
 *
 * Columns of an epoch that has just begun are not made before somebody asks:
 * the place is empty until then, and the slow way of data:history fills it.
 *
 * Lenses belong to their shelf and are used again by its next portal: frames
 * hold on to the address of the array, and may be read after their run.
 *
 * Cost: entering an epoch O(assets); memory 40 bytes for each column.
 */
#include "portal/lens.h"

#include "base/mem.h"
#include "base/status.h"
#include "portal/adjust.h"
#include "portal/shelf.h"

#include <stdlib.h>

struct place {
    const struct adjust_events *events;
    int32_t epoch;
};

struct lens {
    struct lens *next; /* of the shelf's */
    struct shelf *shelf;
    int32_t mode, assets, fields;
    bool taken;
    int32_t from, until;  /* rows as of which it shows the same */
    bt_series *series;    /* [assets * fields] */
    struct place *places; /* [assets] */
};

void lenses_free(struct lens *first) {
    while (first) {
        struct lens *l = first;
        first = l->next;
        free(l->series);
        free(l->places);
        free(l);
    }
}

/* Show a column, or nothing yet (NULL): its home still leads to those that it
 * has shown. */
static void put(bt_series *place, const bt_series *s) {
    if (s)
        *place = *s;
    else
        place->hidden_data = NULL;
}

/* Fields of the bundle's own are no prices: they show what they are. */
static bool takes_turns(const struct lens *l, int32_t sid, int32_t field) {
    return field < BT_FIELDS && l->places[sid].events->count > 0;
}

/* What the shelf shows; of columns that take turns the first, when it is made.
 * Nothing is known of the cursor: the first move looks. */
static void reset(struct lens *l) {
    for (int32_t sid = 0; sid < l->assets; sid++) {
        bt_series *from = &shelf_series(l->shelf)[sid * l->fields];
        bt_series *to = &l->series[sid * l->fields];
        for (int32_t f = 0; f < l->fields; f++) {
            bool turns = takes_turns(l, sid, f);
            if (!turns || !to[f].hidden_home)
                to[f] = from[f];
            if (turns)
                put(&to[f], NULL);
        }
        l->places[sid].epoch = 0;
    }
    l->from = l->until = 0;
}

static struct lens *lens_new(struct shelf *s, int32_t mode) {
    struct lens *l = mem_zalloc(1, sizeof *l);
    l->shelf = s;
    l->mode = mode;
    l->assets = shelf_assets(s);
    l->fields = shelf_fields(s);
    l->series =
        mem_zalloc((size_t)l->assets * (size_t)l->fields, sizeof *l->series);
    l->places = mem_zalloc((size_t)l->assets, sizeof *l->places);
    l->next = *shelf_lenses(s);
    *shelf_lenses(s) = l;
    return l;
}

static bt_status find_lens_events(struct lens *l) {
    struct adjust *a = shelf_adjust(l->shelf);
    for (int32_t sid = 0; sid < l->assets; sid++)
        TRY(adjust_events(a, l->mode, sid, &l->places[sid].events));
    return BT_OK;
}

static struct lens *spare(struct shelf *s, int32_t mode) {
    for (struct lens *l = *shelf_lenses(s); l; l = l->next)
        if (!l->taken && l->mode == mode)
            return l;
    return NULL;
}

bt_status lens_take(struct shelf *s, int32_t mode, struct lens **out) {
    *out = NULL;
    if (!adjust_has_events(shelf_adjust(s), mode))
        return BT_OK;
    struct lens *l = spare(s, mode);
    if (l == NULL)
        l = lens_new(s, mode);
    TRY(find_lens_events(l));
    reset(l);
    l->taken = true;
    *out = l;
    return BT_OK;
}

void lens_give(struct lens *l) {
    if (l)
        l->taken = false;
}

bt_series *lens_series(struct lens *l) {
    return l->series;
}

void lens_span(const struct lens *l, int32_t *from, int32_t *until) {
    *from = l->from;
    *until = l->until;
}

/* ---- the columns of now ---------------------------------------------------*/

/* Columns that the new epoch has already, from an earlier run. */
static void enter(struct lens *l, int32_t sid, int32_t epoch) {
    l->places[sid].epoch = epoch;
    for (int32_t f = 0; f < BT_FIELDS; f++)
        put(&l->series[sid * l->fields + f],
            adjust_known(shelf_adjust(l->shelf), l->mode, sid, f, epoch));
}

void lens_move(struct lens *l, int32_t row) {
    l->from = 0;
    l->until = INT32_MAX;
    for (int32_t sid = 0; sid < l->assets; sid++) {
        const struct adjust_events *e = l->places[sid].events;
        if (e->count == 0)
            continue;
        int32_t epoch = adjust_epoch(e, row);
        if (epoch != l->places[sid].epoch)
            enter(l, sid, epoch);
        if (epoch > 0 && e->list[epoch - 1].row > l->from)
            l->from = e->list[epoch - 1].row;
        if (epoch < e->count && e->list[epoch].row < l->until)
            l->until = e->list[epoch].row;
    }
}

bt_status lens_column(struct lens *l, int32_t sid, int32_t field) {
    TRY(shelf_column(l->shelf, sid, field));
    bt_series *place = &l->series[sid * l->fields + field];
    bt_series *s = &shelf_series(l->shelf)[sid * l->fields + field];
    if (takes_turns(l, sid, field))
        TRY(adjust_column(shelf_adjust(l->shelf), l->mode, sid, field,
                          l->places[sid].epoch, &s));
    put(place, s);
    return BT_OK;
}

void lens_forget(struct lens *l) {
    for (int32_t sid = 0; sid < l->assets; sid++)
        if (l->places[sid].events->count > 0)
            enter(l, sid, l->places[sid].epoch);
}
