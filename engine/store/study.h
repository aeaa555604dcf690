/* The trial journal of an optimisation: the side that writes trials.
 *
 * SQLite, one writer (flock on a side file), TRUNCATE journal, synchronous
 * FULL, group commit; without a name the same object lives in memory. Rows have
 * the natural key (number): after an uncertain COMMIT they are re-read, never
 * appended twice. Doubles keep their 8 bytes. Trials are held in memory as
 * well, in trial order, so that reading never waits for the disk.
 *
 * Creating, opening and reading are in backlua.h (bt_study_*).
 */
#ifndef BT_STORE_STUDY_H
#define BT_STORE_STUDY_H

#include "backlua.h"

#include <stdbool.h>

/* Add or confirm one trial: t->number not yet there, else its row must be equal
 * (BT_E_REPRODUCE names the trial and both scores). Buffered. log may be NULL.
 */
bt_status study_add(bt_study *s, const bt_trial *t, const char *log);
/* Offer the series of a trial that was added; whether it is kept is for
 * bt_study_keep to say. data: n values of width 4 or 8, little-endian. */
bt_status study_add_series(bt_study *s, int32_t number, const void *data,
                           int32_t n, int32_t width);
/* Values of a series as doubles, out [n]; data: as of study_add_series. */
void study_widen(const void *data, int32_t width, int32_t n, double *out);
/* Commit what is buffered when it is old or large enough, or always if force.
 * BT_E_IO is final: the study is closed, what is on disk stays. */
bt_status study_commit(bt_study *s, bool force);

#endif
