/* A plain row, in place.
 *
 * quick_row walks the columns: an ISO date, decimal numbers of up to 15 digits
 * read eight at a time, separators, end of line. It accepts a row only if
 * everything about it is in order; at the first doubt it gives up without a
 * verdict and store/parse.c takes the row apart. So it can only be right or
 * silent, and the rules stand in one place. A row that has its digits where the
 * row before had them is read by pattern.c but for its last cell.
 *
 * Numbers are correctly rounded: a mantissa below 10^15 divided by a power of
 * ten up to 10^8, both exact, rounds once (Clinger 1990). The window ends with
 * a line feed and 64 readable bytes behind it, so loads of eight bytes,
 * patterns and scans to the next separator stay inside.
 */
#include "store/quick.h"

#include "base/map.h"
#include "store/digits.h"

#include <string.h>

static const uint64_t tens[] = {1,      10,      100,      1000,     10000,
                                100000, 1000000, 10000000, 100000000};

/* Of characters less '0': the top bit of each that is no digit. */
static inline uint64_t other_chars(uint64_t low) {
    return ((low + UINT64_C(0x7676767676767676)) | low) &
           UINT64_C(0x8080808080808080);
}

/* shift[n] moves n characters of eight to the top: a multiplication is one
 * step, a shift by a variable three. */
static const uint64_t shift[] = {0,
                                 UINT64_C(1) << 56,
                                 UINT64_C(1) << 48,
                                 UINT64_C(1) << 40,
                                 UINT64_C(1) << 32,
                                 UINT64_C(1) << 24,
                                 UINT64_C(1) << 16,
                                 UINT64_C(1) << 8,
                                 1};

/* The number that the first n of eight characters less '0' make, 1 <= n <= 8.
 */
static inline uint64_t digits_value(uint64_t low, int n) {
    return digits_eight(low * shift[n]);
}

/* Up to 15 digits at s. Returns behind them, NULL when there is none or more.
 */
static inline const char *quick_digits(const char *s, uint64_t *value, int *n) {
    uint64_t low = digits_load(s) ^ DIGITS_ZERO, other = other_chars(low);
    *n = other ? __builtin_ctzll(other) >> 3 : 8;
    if (*n == 0)
        return NULL;
    *value = digits_value(low, *n);
    if (*n < 8)
        return s + *n;
    low = digits_load(s + 8) ^ DIGITS_ZERO;
    other = other_chars(low);
    if (other == 0)
        return NULL;
    int more = __builtin_ctzll(other) >> 3;
    if (more > 0)
        *value = *value * tens[more] + digits_value(low, more);
    *n += more;
    return s + *n;
}

/* A number whose two parts are read one by one. */
static const char *long_number(const char *s, double *out) {
    uint64_t whole, part;
    int n, places;
    s = quick_digits(s, &whole, &n);
    if (s == NULL)
        return NULL;
    if (*s != '.') {
        *out = (double)whole;
        return s;
    }
    s = quick_digits(s + 1, &part, &places);
    if (s == NULL || n + places > 15 || places > 8)
        return NULL;
    *out = (double)(whole * tens[places] + part) / powers[places];
    return s;
}

/* The lowest n of eight characters. */
static const uint64_t front[] = {0,
                                 UINT64_C(0xff),
                                 UINT64_C(0xffff),
                                 UINT64_C(0xffffff),
                                 UINT64_C(0xffffffff),
                                 UINT64_C(0xffffffffff),
                                 UINT64_C(0xffffffffffff),
                                 UINT64_C(0xffffffffffffff)};

/* An unsigned decimal number; NULL: not plain enough. Up to seven characters
 * come with one load: the point is taken out and the digits closed up. */
static inline __attribute__((always_inline)) const char *
quick_number(const char *s, double *out) {
    uint64_t low = digits_load(s) ^ DIGITS_ZERO, other = other_chars(low);
    if (other == 0)
        return long_number(s, out);
    int point = __builtin_ctzll(other) >> 3;
    if (point == 0)
        return NULL;
    if (s[point] != '.') {
        *out = (double)(int64_t)digits_value(low, point);
        return s + point;
    }
    uint64_t behind = other & (other - 1); /* without the point */
    if (behind == 0)
        return long_number(s, out);
    int end = __builtin_ctzll(behind) >> 3;
    if (end == point + 1)
        return NULL;
    uint64_t digits = (low & front[point]) | (low >> 8 & ~front[point]);
    *out = (double)(int64_t)digits_value(digits, end - 1) /
           powers[end - point - 1];
    return s + end;
}

static inline bool ends_cell(char c, char separator) {
    return c == separator || c == '\n' || c == '\r';
}

static const char *to_end(const char *s, char separator) {
    while (*s != separator && *s != '\n' && *s != '"')
        s++;
    return *s == '"' ? NULL : s;
}

/* "13:30" at s, ":00" may follow; the length, 0 for anything else. */
static inline int slow_clock(const char *s, char separator, bt_time *out) {
    unsigned h1 = (unsigned char)(s[0] - '0'), h2 = (unsigned char)(s[1] - '0');
    unsigned m1 = (unsigned char)(s[3] - '0'), m2 = (unsigned char)(s[4] - '0');
    unsigned h = 10 * h1 + h2, m = 10 * m1 + m2;
    if (h1 > 2 || h2 > 9 || m1 > 5 || m2 > 9 || h > 23 || s[2] != ':')
        return 0;
    *out = (h * 60 + m) * INT64_C(60000000);
    return ends_cell(s[5], separator) ? 5 : 0;
}

/* "13:30:00" or "13:30" at s; the length, 0 for anything else. The eight
 * characters at once: less "00:00:00" each must not be above that of
 * "29:59:59", and pairs of them make the three numbers. */
static inline int quick_clock(const char *s, char separator, bt_time *out) {
    uint64_t low = digits_load(s) ^ UINT64_C(0x30303a30303a3030);
    uint64_t over = (low + UINT64_C(0x767a7f767a7f767d)) | low;
    if ((over & UINT64_C(0x8080808080808080)) != 0)
        return slow_clock(s, separator, out);
    low = low * 10 + (low >> 8);
    uint64_t h = low & 0xff, m = low >> 24 & 0xff, sec = low >> 48 & 0xff;
    *out = (bt_time)((h * 60 + m) * 60 + sec) * 1000000;
    return h < 24 && ends_cell(s[8], separator) ? 8 : 0;
}

/* Any form, for the careful parser's rules applied to the cell at s. */
static const char *general_stamp(struct parser *p, const char *s,
                                 struct row *row) {
    struct stamp stamp;
    const char *end = to_end(s, p->layout->separator);
    size_t n = end ? (size_t)(end - s) : 0;
    n -= n > 0 && s[n - 1] == '\r';
    if (n == 0 || stamp_parse(&p->rules, s, n, &stamp) != NULL)
        return NULL;
    if (p->rules.form == STAMP_EPOCH)
        p->units |= 1U << stamp_unit_of(s, n);
    row->stamp += stamp.time;
    row->zone = stamp.zone;
    return s + n;
}

static inline __attribute__((always_inline)) const char *
quick_stamp(struct parser *p, const char *s, struct row *row) {
    bt_time clock = 0;
    if (p->rules.form != STAMP_ISO || p->rules.zone != 0)
        return general_stamp(p, s, row);
    if (memcmp(s, p->day_text, 10) != 0) {
        bt_time day = stamp_iso_day(s);
        if (day == STAMP_NONE)
            return general_stamp(p, s, row);
        p->day = day;
        memcpy(p->day_text, s, 10);
    }
    s += 10;
    if (*s == ' ' || *s == 'T') {
        int n = quick_clock(s + 1, p->layout->separator, &clock);
        if (n == 0)
            return general_stamp(p, s - 10, row);
        s += n + 1;
    }
    row->stamp += p->day + clock;
    return s;
}

static const char *quick_time(const struct parser *p, const char *s,
                              struct row *row) {
    bt_time clock;
    int n = quick_clock(s, p->layout->separator, &clock);
    if (n == 0) {
        const char *end = to_end(s, p->layout->separator);
        size_t length = end ? (size_t)(end - s) : 0;
        length -= length > 0 && s[length - 1] == '\r';
        if (stamp_parse_clock(s, length, &clock) != NULL)
            return NULL;
        n = (int)length;
    }
    row->stamp += clock;
    return s + n;
}

static bool same_symbol(const struct parser *p, const char *s, size_t n) {
    return p->series != NULL && strncmp(p->series->symbol, s, n) == 0 &&
           p->series->symbol[n] == '\0';
}

/* Only a symbol like that of the row before, or one that is known. */
static const char *quick_symbol(struct parser *p, const char *s) {
    const char *end = to_end(s, p->layout->separator);
    size_t n = end ? (size_t)(end - s) : 0;
    if (n == 0 || n > 64 || s[0] == ' ' || s[n - 1] <= ' ')
        return NULL;
    if (!same_symbol(p, s, n)) {
        char name[65];
        memcpy(name, s, n);
        name[n] = '\0';
        struct series *known = map_get(p->rows->by_symbol, name);
        if (known == NULL || strlen(name) != n)
            return NULL;
        p->series = known;
    }
    return end;
}

static inline bool plain_bar(const double v[5]) {
    return v[ROLE_LOW] > 0 && v[ROLE_LOW] <= v[ROLE_OPEN] &&
           v[ROLE_LOW] <= v[ROLE_CLOSE] && v[ROLE_OPEN] <= v[ROLE_HIGH] &&
           v[ROLE_CLOSE] <= v[ROLE_HIGH] && v[ROLE_HIGH] <= PARSE_PRICE_MAX &&
           v[ROLE_VOLUME] <= PARSE_VOLUME_MAX;
}

/* A cell that is no number of a bar and no date. */
__attribute__((noinline)) static const char *
rare_cell(struct parser *p, const char *s, int role, struct row *row) {
    switch (role) {
    case ROLE_TIME:
        return quick_time(p, s, row);
    case ROLE_SYMBOL:
        return quick_symbol(p, s);
    case ROLE_DIVIDEND:
    case ROLE_SPLIT:
        return quick_number(s, &p->action[role - ROLE_DIVIDEND]);
    default:
        return to_end(s, p->layout->separator);
    }
}

/* s moved on to end, behind cell i. The next cell waits for where this one
 * ends, which hangs on its text, and so on to the last: a chain of which the
 * processor sees one link at a time. That a cell is as long as in the row
 * before is right most of the time, and a branch is something it goes on behind
 * before it knows. The compiler must not see that both ways lead to the same
 * place. */
static inline const char *follow(struct parser *p, int i, const char *s,
                                 const char *end) {
    uint32_t *length = &p->lengths[i % PARSE_LENGTHS];
    size_t likely = *length, same = likely;
    __asm__("" : "+r"(same));
    if (s + likely == end)
        return s + same;
    *length = (uint32_t)(end - s);
    p->odd = true;
    return end;
}

/* The cell at s, of column i. Returns its end, NULL when it is not plain. */
static inline const char *quick_cell(struct parser *p, int i, const char *s,
                                     struct row *row) {
    int role = p->layout->role[i];
    if (role <= ROLE_VOLUME)
        return quick_number(s, &row->v[role]);
    if (role == ROLE_DATE)
        return quick_stamp(p, s, row);
    return rare_cell(p, s, role, row);
}

static void learn(struct parser *p, const char *s) {
    if (p->pattern.fit && p->pattern.length == 0 && !p->odd)
        pattern_learn(&p->pattern, p->layout, s, p->lengths);
    p->odd = false;
}

const char *quick_row(struct parser *p, const char *s, struct row *row) {
    const struct layout *l = p->layout;
    const char *begin = s;
    const int last = l->columns - 1;
    int i = 0;
    row->stamp = 0;
    row->v[ROLE_VOLUME] = 0; /* there may be no such column */
    if (p->pattern.length > 0 && pattern_read(&p->pattern, s, row->v)) {
        if (quick_stamp(p, s + p->pattern.date, row) != s + p->pattern.date_end)
            return NULL;
        s += p->pattern.length;
        i = last;
    }
    for (; i < last; i++) {
        const char *end = quick_cell(p, i, s, row);
        if (end == NULL)
            return NULL;
        s = follow(p, i, s, end);
        if (*s++ != l->separator)
            return NULL;
    }
    s = quick_cell(p, last, s, row);
    if (s == NULL)
        return NULL;
    s += *s == '\r';
    if (l->special)
        layout_finish(l, row->v);
    if (*s != '\n' || !plain_bar(row->v))
        return NULL;
    learn(p, begin);
    return s + 1;
}
