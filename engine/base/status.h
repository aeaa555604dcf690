/* One error at a time, for a single-threaded process.
 *
 * A fallible function returns bt_status and leaves its out arguments alone when
 * it fails. fail() records code and message and returns the code, so failing is
 * one line: return fail(BT_E_RANGE, "bar_count must be 1..%d, got %d", max, n);
 * The message holds the value, the limit and the remedy, and stays readable
 * (bt_error_message) until the next failure.
 */
#ifndef BT_BASE_STATUS_H
#define BT_BASE_STATUS_H

#include "backlua.h"

#include <stdarg.h>

/* Record a failure. code: one of BT_E_*; fmt as printf. Returns code. */
bt_status fail(bt_status code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), cold));

/* Put "prefix: " before the message of the failure being passed upward.
 * Returns code unchanged; does nothing when code is BT_OK. */
bt_status fail_within(bt_status code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), cold));

/* As fail, with ": " and strerror(errno) after the message; code is BT_E_IO. */
bt_status fail_errno(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), cold));

/* Pass a failure on. */
#define TRY(expr)                                                              \
    do {                                                                       \
        bt_status try_status_ = (expr);                                        \
        if (try_status_ != BT_OK)                                              \
            return try_status_;                                                \
    } while (0)

#endif
