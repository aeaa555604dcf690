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

/* The analyzer sees one file at a time: tell it that failing fails. */
#if defined __clang_analyzer__ && !defined BT_BASE_STATUS_C
#define fail(code, ...) ((void)(fail)(code, __VA_ARGS__), (code))
#define fail_errno(...) ((void)(fail_errno)(__VA_ARGS__), BT_E_IO)
#endif

/* Pass a failure on. */
#define TRY(expr)                                                              \
    do {                                                                       \
        bt_status try_status_ = (expr);                                        \
        if (try_status_ != BT_OK)                                              \
            return try_status_;                                                \
    } while (0)

#endif
