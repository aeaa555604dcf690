/* Warnings and progress on stderr. */
#ifndef BT_BASE_LOG_H
#define BT_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

void log_set_level(enum log_level level);
enum log_level log_level(void);
/* "backlua: warning: ..." unless quiet. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Only with --verbose. */
void log_verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
