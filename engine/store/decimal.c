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

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool has_one(const char *text, const char *const signs[], size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strstr(text, signs[i]) != NULL)
            return true;
    return false;
}

/* Three capitals behind or before a digit. */
static bool has_code(const char *s, size_t n) {
    if (n < 4 || is_digit(s[0]) == is_digit(s[n - 1]))
        return false;
    const char *code = is_digit(s[0]) ? s + n - 3 : s;
    for (int i = 0; i < 3; i++)
        if (code[i] < 'A' || code[i] > 'Z')
            return false;
    return true;
}

const char *decimal_surplus(const char *s, size_t n) {
    static const char *const groups[] = {"'", " ", "\u2019", "\u00a0",
                                         "\u202f"};
    static const char *const money[] = {"$", "\u20ac", "\u00a3", "\u00a5"};
    char text[PLAIN];
    if (n == 0 || n >= PLAIN)
        return NULL;
    memcpy(text, s, n);
    text[n] = '\0';
    if (has_one(text, money, sizeof money / sizeof *money) || has_code(text, n))
        return "not a number (take out the currency: 10.5 EUR is written "
               "10.5)";
    if (is_digit(s[0]) && is_digit(s[n - 1]) &&
        has_one(text, groups, sizeof groups / sizeof *groups))
        return "not a number (take out what groups the digits: 1'234.5 is "
               "written 1234.5)";
    return NULL;
}
