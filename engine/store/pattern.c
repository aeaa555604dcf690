/* A row made like the one before it.
 *
 * Rows of a file differ in their digits more than in their places: where the
 * row before had a digit, a point or a separator this one has, too. Then
 * nothing of it needs to be looked for. A pattern holds a row's characters,
 * each digit as '0', and how far above that one may lie: 9 for a digit, 0 for
 * all else. The row xor the pattern is compared with that sixteen bytes at a
 * time; a number is cut out of the eight bytes before its end by two masks, for
 * the digits before and behind its point.
 *
 * The last cell is no part of it: mostly that is the volume, which is of any
 * length. A pattern is learned when the cells of two rows are equally long and
 * forgotten at the first row that is otherwise, so files without one pay
 * little. What it takes are numbers that quick_number took at the same places,
 * and it computes them alike.
 */
#include "store/pattern.h"

#include "store/digits.h"

#include <string.h>

typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef uint64_t u64x2 __attribute__((vector_size(16)));
typedef double f64x2 __attribute__((vector_size(16)));

void pattern_init(struct pattern *t, const struct layout *l) {
    int last = l->columns - 1;
    memset(t, 0, sizeof *t);
    t->fit = last > 0 && last <= 2 * PATTERN_PAIRS && l->at[ROLE_DATE] >= 0 &&
             l->at[ROLE_DATE] < last;
    for (int i = 0; i < last && t->fit; i++)
        t->fit = l->role[i] <= ROLE_DATE;
}

/* The last n of eight bytes; none of more. */
static uint64_t last_bytes(size_t n) {
    return n == 0 || n > 8 ? 0 : UINT64_MAX << (64 - 8 * n);
}

static void put_number(struct pattern *t, int i, uint32_t role, uint32_t end,
                       uint64_t whole, uint64_t part, double power) {
    struct pattern_pair *pair = &t->pair[i / 2];
    for (int k = i % 2; k < 2; k++) {
        pair->role[k] = role;
        pair->end[k] = end;
        pair->whole[k] = whole;
        pair->part[k] = part;
        pair->power[k] = power;
    }
}

static bool learn_number(struct pattern *t, enum role role, const char *s,
                         uint32_t begin, uint32_t end) {
    const char *point = memchr(s + begin, '.', end - begin);
    size_t places = point ? (size_t)(s + end - point - 1) : 0;
    uint64_t all = last_bytes(end - begin);
    if (all == 0 || places > 8 || end < 8)
        return false;
    put_number(t, t->numbers++, role, end,
               point ? all & ~last_bytes(places + 1) : 0,
               point ? last_bytes(places) : all, powers[places]);
    return true;
}

static void learn_text(struct pattern *t, const char *s, uint32_t length) {
    for (uint32_t i = 0; i < PATTERN_BYTES; i++) {
        bool digit = s[i] >= '0' && s[i] <= '9';
        t->text[i] = digit ? '0' : (unsigned char)s[i];
        t->above[i] = i >= length ? UINT8_MAX : digit ? 9 : 0;
    }
    t->length = length;
}

void pattern_learn(struct pattern *t, const struct layout *l, const char *s,
                   const uint32_t *lengths) {
    uint32_t begin = 0, end;
    t->numbers = 0;
    for (int i = 0; i < l->columns - 1; i++, begin = end + 1) {
        end = begin + lengths[i];
        if (end >= PATTERN_BYTES)
            return;
        if (l->role[i] == ROLE_DATE) {
            t->date = begin;
            t->date_end = end;
        } else if (!learn_number(t, l->role[i], s, begin, end))
            return;
    }
    learn_text(t, s, begin);
}

static inline bool is_alike(const struct pattern *t, const char *s) {
    u8x16 over = {0}, row, text, above;
    for (uint32_t i = 0; i < t->length; i += sizeof row) {
        memcpy(&row, s + i, sizeof row);
        memcpy(&text, t->text + i, sizeof row);
        memcpy(&above, t->above + i, sizeof row);
        over |= (u8x16)((row ^ text) > above);
    }
    u64x2 any = (u64x2)over;
    return (any[0] | any[1]) == 0;
}

/* Whole numbers below 2^32 as doubles: those are the last bits of 2^52 + n. */
static inline f64x2 as_doubles(u64x2 n) {
    const u64x2 base = (u64x2)(f64x2){0x1p52, 0x1p52};
    return (f64x2)(n | base) - (f64x2)base;
}

/* What two times eight digits are worth: pairs of them, then fours, of which
 * there are two to a number. */
static inline f64x2 two_values(u64x2 digits) {
    const u16x8 hundred = {100, 1, 100, 1, 100, 1, 100, 1};
    u16x8 pairs = (u16x8)digits;
    u32x4 fours = (u32x4)(((pairs * 10 + (pairs >> 8)) & 0xff) * hundred);
    u64x2 both = (u64x2)((fours & 0xffff) + (fours >> 16));
    return as_doubles(both & UINT32_MAX) * 10000 + as_doubles(both >> 32);
}

static inline void read_pair(const struct pattern_pair *n, const char *s,
                             double v[5]) {
    u64x2 whole, part,
        digits = {digits_load(s + n->end[0] - 8),
                  digits_load(s + n->end[1] - 8)};
    f64x2 power;
    memcpy(&whole, n->whole, sizeof whole);
    memcpy(&part, n->part, sizeof part);
    memcpy(&power, n->power, sizeof power);
    digits ^= DIGITS_ZERO;
    f64x2 value = two_values((digits & whole) << 8 | (digits & part)) / power;
    v[n->role[0]] = value[0];
    v[n->role[1]] = value[1];
}

bool pattern_read(struct pattern *t, const char *s, double v[5]) {
    if (!is_alike(t, s)) {
        t->length = 0;
        return false;
    }
    for (int i = 0; 2 * i < t->numbers; i++)
        read_pair(&t->pair[i], s, v);
    return true;
}
