/* How long a bar is: "1m", "5m", "1h", "1d", "1w", "1mo". */
#ifndef BT_STORE_FREQUENCY_H
#define BT_STORE_FREQUENCY_H

#include "backlua.h"

#include <stdbool.h>

enum frequency_unit {
    FREQUENCY_SECOND,
    FREQUENCY_MINUTE,
    FREQUENCY_HOUR,
    FREQUENCY_DAY,
    FREQUENCY_WEEK,
    FREQUENCY_MONTH
};
enum { FREQUENCY_TEXT = 16 };

struct frequency {
    enum frequency_unit unit;
    int32_t n; /* 1 .. 9999 */
};

/* BT_E_NAME with the forms that are understood. */
bt_status frequency_parse(const char *text, struct frequency *out);
void frequency_format(struct frequency f, char out[FREQUENCY_TEXT]);
bool frequency_is_intraday(struct frequency f);
/* Length in microseconds of an intraday bar; of n days, n weeks. 0 for months.
 */
int64_t frequency_us(struct frequency f);
/* Sessions per year: of daily and finer bars 252, or 365 with weekends, divided
 * among n days; 52 / n weeks; 12 / n months. */
double frequency_per_year(struct frequency f, bool weekends);

#endif
