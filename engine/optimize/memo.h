/* Trials of earlier studies that need not be computed again. */
#ifndef BT_OPTIMIZE_MEMO_H
#define BT_OPTIMIZE_MEMO_H

#include "optimize/window.h"

struct memo;

/* studies [n] are borrowed and hold trials made from the inputs of this run.
 * width: bytes of a value of the series that each trial must have, 0: none. */
struct memo *memo_new(bt_study *const *studies, int32_t n, int32_t width);
void memo_free(struct memo *m); /* NULL does nothing */
/* True when there is a trial with these canonical parameters. m may be NULL. */
bool memo_has(const struct memo *m, const char *params);
/* Fill the slot with its outcome, as trial `number`, as if a worker had
 * answered. errors BT_E_IO, BT_E_DATA of its series */
bt_status memo_take(const struct memo *m, int32_t number, struct slot *s);

#endif
