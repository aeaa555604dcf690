/* The columns of a bundle in one adjustment, as of a cursor; see lens.c. */
#ifndef BT_PORTAL_LENS_H
#define BT_PORTAL_LENS_H

#include "backlua.h"

#include <stdbool.h>

struct lens;
struct shelf;

/* A lens over a shelf, of its spare ones or new, to be moved. NULL where the
 * columns themselves show all there is: nothing happens to any asset.
 * errors BT_E_IO */
bt_status lens_take(struct shelf *s, int32_t mode, struct lens **out);
/* Give it back; what it shows stays readable as long as the shelf. */
void lens_give(struct lens *l);
bt_series *lens_series(struct lens *l); /* [assets * fields] */
/* Show everything as of a row. */
void lens_move(struct lens *l, int32_t row);
/* Rows as of which it shows the same: *from .. *until - 1. */
void lens_span(const struct lens *l, int32_t *from, int32_t *until);
/* Make a column show something. errors BT_E_RANGE sid, field; BT_E_IO */
bt_status lens_column(struct lens *l, int32_t sid, int32_t field);
/* Windows reach further back now: columns that do not are to be made again. */
void lens_forget(struct lens *l);

/* The shelf's: all lenses that were made for it. */
void lenses_free(struct lens *first);

#endif
