/* Numbers as text, both ways.
 *
 * Parsing reads the digits into a 64-bit mantissa w and a decimal exponent e,
 * and takes the first way that gives the correctly rounded w * 10^e:
 *   1. w <= 2^53, |e| <= 22: both are exact doubles, so one IEEE multiplication
 *      or division rounds once (Clinger 1990). Practically every price.
 *   2. up to 19 digits, -19 <= e < 0: the quotient (w << s) / 10^-e in 128-bit
 *      integers, with the remainder kept as a sticky bit below more than 55
 *      bits; converting that to double rounds once, scaling by 2^-s is exact.
 *      Prices written from doubles with 16 or 17 digits.
 *   3. strtod on a copy: all the rest. It reads the decimal point that
 *      LC_NUMERIC names, which this process never sets.
 *
 * Writing tries 15, 16 and 17 digits. A text of up to 15 digits survives the
 * way through a double and back, so if a shorter one exists, %.15g prints it.
 * Among 16 digits %.16g prints the nearest one, and if any reads back that one
 * does, but for powers of two: above them doubles lie twice as wide as below,
 * so the next text upward may read back when the nearest does not. It is tried
 * as well. Subnormals carry fewer digits and are tried from one digit on.
 */
#include "base/num.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

__extension__ typedef unsigned __int128 u128;

#define TWO_53 UINT64_C(9007199254740992)

static const double exact_powers[] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static const uint64_t integer_powers[] = {UINT64_C(1),
                                          UINT64_C(10),
                                          UINT64_C(100),
                                          UINT64_C(1000),
                                          UINT64_C(10000),
                                          UINT64_C(100000),
                                          UINT64_C(1000000),
                                          UINT64_C(10000000),
                                          UINT64_C(100000000),
                                          UINT64_C(1000000000),
                                          UINT64_C(10000000000),
                                          UINT64_C(100000000000),
                                          UINT64_C(1000000000000),
                                          UINT64_C(10000000000000),
                                          UINT64_C(100000000000000),
                                          UINT64_C(1000000000000000),
                                          UINT64_C(10000000000000000),
                                          UINT64_C(100000000000000000),
                                          UINT64_C(1000000000000000000),
                                          UINT64_C(10000000000000000000)};

/* A decimal number taken apart. */
struct decimal {
    uint64_t mantissa; /* the first 19 significant digits */
    int64_t exponent;  /* value = mantissa * 10^exponent, when not cut */
    bool negative, cut;
};

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

static bool scan_exponent(const char *s, const char *end, int64_t *out) {
    bool negative = false;
    if (s < end && (*s == '-' || *s == '+'))
        negative = *s++ == '-';
    if (s == end)
        return false;
    int64_t e = 0;
    for (; s < end; s++) {
        if (!is_digit(*s))
            return false;
        if (e < 100000)
            e = 10 * e + (*s - '0');
    }
    *out = negative ? -e : e;
    return true;
}

static bool scan_decimal(const char *s, const char *end, struct decimal *d) {
    uint64_t w = 0;
    bool negative = false, point = false;
    if (s < end && (*s == '-' || *s == '+'))
        negative = *s++ == '-';
    const char *first = s, *after_point = NULL;
    int64_t digits = 0, exponent = 0; /* digits: significant ones */
    for (; s < end; s++) {
        unsigned digit = (unsigned char)(*s - '0');
        if (digit < 10) {
            if (digits < 19)
                w = 10 * w + digit;
            digits += w != 0;
        } else if (*s == '.' && !point) {
            point = true;
            after_point = s + 1;
        } else {
            break;
        }
    }
    if (s - first - point == 0)
        return false;
    if (s < end &&
        ((*s | 0x20) != 'e' || !scan_exponent(s + 1, end, &exponent)))
        return false;
    *d = (struct decimal){w, exponent - (point ? s - after_point : 0), negative,
                          digits > 19};
    return true;
}

/* w / 10^k, k in 1..19, 2^53 < w: the quotient has at least 62 bits. */
static double divide_by_power(uint64_t w, int64_t k) {
    int lead = __builtin_clzll(w);
    u128 dividend = (u128)(w << lead) << 63;
    uint64_t divisor = integer_powers[k];
    u128 quotient = dividend / divisor;
    u128 sticky = quotient * divisor != dividend;
    double scale = 0x1p-63 / (double)(UINT64_C(1) << lead); /* exact */
    return (double)(quotient | sticky) * scale;
}

/* The fast ways; false when strtod must do it. */
static bool convert(const struct decimal *d, double *out) {
    int64_t e = d->exponent;
    double v;
    if (d->cut)
        return false;
    if (d->mantissa == 0)
        v = 0;
    else if (d->mantissa <= TWO_53 && e >= -22 && e <= 22)
        v = e < 0 ? (double)d->mantissa / exact_powers[-e]
                  : (double)d->mantissa * exact_powers[e];
    else if (d->mantissa > TWO_53 && e >= -19 && e < 0)
        v = divide_by_power(d->mantissa, -e);
    else
        return false;
    *out = d->negative ? -v : v;
    return true;
}

static double convert_slowly(const char *s, size_t n) {
    char small[128];
    if (n < sizeof small) {
        memcpy(small, s, n);
        small[n] = '\0';
        return strtod(small, NULL);
    }
    char *copy = mem_strndup(s, n);
    double v = strtod(copy, NULL);
    free(copy);
    return v;
}

bool num_parse(const char *s, size_t n, double *out) {
    struct decimal d;
    double v;
    if (!scan_decimal(s, s + n, &d))
        return false;
    if (!convert(&d, &v)) {
        v = convert_slowly(s, n);
        if (!isfinite(v))
            return false;
    }
    *out = v;
    return true;
}

bool num_parse_int(const char *s, size_t n, int64_t *out) {
    const char *end = s + n;
    bool negative = false;
    if (s < end && (*s == '-' || *s == '+'))
        negative = *s++ == '-';
    if (s == end)
        return false;
    int64_t v = 0;
    for (; s < end; s++) {
        if (!is_digit(*s))
            return false;
        int digit = *s - '0';
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, digit, &v)) /* negative: it is wider */
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, v, &v))
        return false;
    *out = v;
    return true;
}

bool num_parse_bool(const char *s, bool *out) {
    static const char *const words[] = {"false", "true", "0",   "1",
                                        "no",    "yes",  "off", "on"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(s, words[i]) == 0) {
            *out = i % 2;
            return true;
        }
    return false;
}

static bool reads_back(const char *text, double v) {
    double back;
    return num_parse(text, strlen(text), &back) && back == v;
}

/* The 16-digit text next above v, a power of two; see the top. Such texts
 * always have an exponent: from 2^-13 to 2^53 powers of two need at most 16
 * digits. */
static bool format_above(double v, char out[NUM_TEXT]) {
    int n = snprintf(out, NUM_TEXT, "%.15e", v);
    char *last = strchr(out, 'e') - 1;
    while (*last == '9' || *last == '.') {
        if (*last == '9')
            *last = '0';
        last--;
    }
    if (!is_digit(*last))
        return false;
    ++*last;
    return n > 0 && reads_back(out, v);
}

static bool is_power_of_two(double v) {
    int exponent;
    return fabs(frexp(v, &exponent)) == 0.5;
}

int num_format(double v, char out[NUM_TEXT]) {
    if (isnan(v))
        return snprintf(out, NUM_TEXT, "nan");
    if (isinf(v))
        return snprintf(out, NUM_TEXT, v < 0 ? "-inf" : "inf");
    if (v == 0)
        return snprintf(out, NUM_TEXT, signbit(v) ? "-0" : "0");
    if (fabs(v) < 0x1p53 && v == trunc(v))
        return snprintf(out, NUM_TEXT, "%lld", (long long)v);
    for (int digits = fabs(v) < DBL_MIN ? 1 : 15; digits < 17; digits++) {
        int n = snprintf(out, NUM_TEXT, "%.*g", digits, v);
        if (reads_back(out, v))
            return n;
    }
    if (is_power_of_two(v) && format_above(v, out))
        return (int)strlen(out);
    return snprintf(out, NUM_TEXT, "%.17g", v);
}

int num_fixed(double v, int decimals, char out[64]) {
    if (!(fabs(v) < 1e50)) /* nan, inf, or longer than the buffer */
        return num_format(v, out);
    decimals = decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
    return snprintf(out, 64, "%.*f", decimals, v);
}

int32_t bt_number_format(double v, char *out) {
    return num_format(v, out);
}

int32_t bt_number_fixed(double v, int32_t decimals, char *out) {
    return num_fixed(v, decimals, out);
}
