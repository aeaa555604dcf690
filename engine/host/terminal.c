/* What the command line asks of the terminal. */
#include "backlua.h"
#include "base/clock.h"
#include "base/log.h"

#include <sys/ioctl.h>
#include <unistd.h>

int32_t bt_is_terminal(int32_t fd) {
    return isatty(fd) == 1;
}

int32_t bt_terminal_columns(int32_t fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

int32_t bt_terminal_rows(int32_t fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_row;
}

double bt_clock_seconds(void) {
    return clock_monotonic();
}

void bt_set_log_level(int32_t level) {
    if (level <= 0)
        log_set_level(LOG_QUIET);
    else
        log_set_level(level == 1 ? LOG_NORMAL : LOG_VERBOSE);
}
