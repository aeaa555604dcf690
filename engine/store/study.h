/* The trial journal of an optimisation.
 *
 * SQLite, one writer (flock on a side file), TRUNCATE journal, synchronous FULL,
 * group commit; without a name the same object lives in memory. Rows have the
 * natural key (number): after an uncertain COMMIT they are re-read, never
 * appended twice. Doubles keep their 8 bytes. Trials are held in memory as well,
 * in trial order, so that reading never waits for the disk.
 */
#ifndef BT_STORE_STUDY_H
#define BT_STORE_STUDY_H

#include "backlua.h"

#include <stdbool.h>

/* Create name in the studies folder, or an in-memory study when name is NULL.
 * BT_E_USAGE when it exists; BT_E_BUSY names the owner's pid. */
bt_status study_create(const char *name, bt_study **out);
/* Open an existing one for writing (resume). BT_E_BUSY as above. */
bt_status study_resume(const char *name, bt_study **out);
/* Manifest entries: written at once. */
bt_status study_set_meta(bt_study *s, const char *key, const char *value);
/* Add or confirm one trial: t->number not yet there, else its row must be equal
 * (BT_E_REPRODUCE names the trial and both scores). Buffered. log may be NULL. */
bt_status study_add(bt_study *s, const bt_trial *t, const char *log);
/* Commit what is buffered when it is old or large enough, or always if force. */
bt_status study_commit(bt_study *s, bool force);
/* Trials known to be on disk. */
int32_t study_saved(const bt_study *s);
/* Position of the trial with this number, -1 when absent. */
int32_t study_find(const bt_study *s, int32_t number);
const char *study_name(const bt_study *s); /* NULL in memory */
/* The studies folder; caller frees. */
char *study_folder(void);

#endif
