/* Names of bar lengths: a count and a unit, the count left out nowhere. */
#include "store/frequency.h"

#include "base/num.h"
#include "base/status.h"

#include <stdio.h>
#include <string.h>

static const char *const SUFFIX[] = {"s", "m", "h", "d", "w", "mo"};
static const int64_t length_s[] = {1, 60, 3600, 86400, 604800, 0};
enum { UNITS = sizeof SUFFIX / sizeof *SUFFIX };

bt_status frequency_parse(const char *text, struct frequency *out) {
    size_t digits = strspn(text, "0123456789");
    int64_t n = 0;
    if (digits > 0 && digits <= 4 && num_parse_int(text, digits, &n) && n > 0) {
        for (int i = 0; i < UNITS; i++) {
            if (strcmp(text + digits, SUFFIX[i]) == 0) {
                *out = (struct frequency){(enum frequency_unit)i, (int32_t)n};
                return BT_OK;
            }
        }
    }
    return fail(BT_E_NAME,
                "frequency must be a number and a unit (s, m, h, d, w, mo), "
                "such as 1m, 5m, 1h, 1d, 1w or 1mo; got '%.40s'",
                text);
}

void frequency_format(struct frequency f, char out[FREQUENCY_TEXT]) {
    snprintf(out, FREQUENCY_TEXT, "%d%s", f.n, SUFFIX[f.unit]);
}

bool frequency_is_intraday(struct frequency f) {
    return f.unit < FREQUENCY_DAY;
}

int64_t frequency_us(struct frequency f) {
    return f.n * length_s[f.unit] * 1000000;
}

double frequency_per_year(struct frequency f, bool weekends) {
    if (f.unit == FREQUENCY_MONTH)
        return 12.0 / f.n;
    if (f.unit == FREQUENCY_WEEK)
        return 52.0 / f.n;
    double days = weekends ? 365 : 252;
    return f.unit == FREQUENCY_DAY ? days / f.n : days;
}
