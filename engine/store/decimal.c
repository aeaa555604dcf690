/* 1.234,56 and 1,234.56.
 *
 * One sign stands once, before the part of one; the other groups digits before
 * it by three, or is not there at all. A group that is none of three makes it
 * no number: 12.5 is none where the comma is decimal. So most numbers with a
 * comma can be read in one way only; 1,234 can in both.
 */
#include "store/decimal.h"

#include "backlua.h"
#include "base/num.h"

#include <string.h>

enum { PLAIN = 64 };

static size_t count_digits(const char *s, size_t n) {
    size_t i = 0;
    while (i < n && s[i] >= '0' && s[i] <= '9')
        i++;
    return i;
}

/* The digits before the decimal sign to out, groups closed up. Returns how many
 * characters they took, 0 when they are grouped wrongly. */
static size_t take_whole(const char *s, size_t n, char group, char *out,
                         size_t *len) {
    size_t at = count_digits(s, n);
    memcpy(out + *len, s, at);
    *len += at;
    if (at == n || s[at] != group)
        return at;
    if (at == 0 || at > 3 || s[0] == '0')
        return 0;
    while (at < n && s[at] == group) {
        if (count_digits(s + at + 1, n - at - 1) != 3)
            return 0;
        memcpy(out + *len, s + at + 1, 3);
        *len += 3;
        at += 4;
    }
    return at;
}

bool decimal_parse(const char *s, size_t n, int32_t decimal, double *out) {
    char group = decimal == BT_DECIMAL_COMMA ? '.' : ',';
    char point = decimal == BT_DECIMAL_COMMA ? ',' : '.';
    char plain[PLAIN];
    size_t len = 0, sign = n > 0 && (s[0] == '-' || s[0] == '+');
    if (n <= sign || n >= PLAIN)
        return false;
    memcpy(plain, s, sign);
    len = sign;
    size_t whole = take_whole(s + sign, n - sign, group, plain, &len);
    size_t at = sign + whole;
    if (whole == 0 && s[at] != point)
        return false;
    if (at < n && s[at] == point) {
        plain[len++] = '.';
        at++;
    }
    if (memchr(s + at, group, n - at) || memchr(s + at, point, n - at))
        return false;
    memcpy(plain + len, s + at, n - at);
    return num_parse(plain, len + n - at, out);
}

int32_t decimal_of(const char *s, size_t n) {
    double v;
    bool comma = decimal_parse(s, n, BT_DECIMAL_COMMA, &v);
    bool point = decimal_parse(s, n, BT_DECIMAL_POINT, &v);
    return comma == point ? BT_DECIMAL_AUTO
           : comma        ? BT_DECIMAL_COMMA
                          : BT_DECIMAL_POINT;
}
