/* The name somebody probably meant.
 *
 * Optimal string alignment distance: insertion, deletion, substitution and the
 * swap of neighbours cost one each, letters in another case nothing. A
 * candidate counts up to a third of the name's length + 1, of names of fewer
 * than 4 letters up to 1, of one letter only in another case; of equally near
 * ones the first wins. When none is near, the name may be short for a longer
 * one: the shortest of which a word begins with it ("schedule" of
 * schedule_function, "drawdown" of max_drawdown).
 *
 * O(length^2) per candidate, three rows of the matrix at a time; names of more
 * than NAME_BYTES bytes have no neighbour.
 */
#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { NAME_BYTES = 64, SHORT = 4 };

static int lower(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static int smallest(int a, int b, int c) {
    int m = a < b ? a : b;
    return m < c ? m : c;
}

static int distance(const char *a, int n, const char *b, int m) {
    int rows[3][NAME_BYTES + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];
    for (int j = 0; j <= m; j++)
        last[j] = j;
    for (int i = 1; i <= n; i++) {
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int differ = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] =
                smallest(last[j] + 1, row[j - 1] + 1, last[j - 1] + differ);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]) &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        int *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[m];
}

/* From here on a candidate is too far. */
static int limit_of(size_t length) {
    return length < 2 ? 1 : length < SHORT ? 2 : (int)(length / 3) + 2;
}

/* Does a word of the candidate begin with the name? */
static bool is_short_for(const char *name, size_t length, const char *longer) {
    for (const char *at = longer; *at; at++) {
        bool begins = at == longer || strchr("_-. ", at[-1]);
        if (begins && strncasecmp(at, name, length) == 0)
            return true;
    }
    return false;
}

static const char *longer_name(const char *name, size_t length,
                               const char *const *names, int32_t n) {
    const char *best = NULL;
    size_t best_length = NAME_BYTES + 1;
    for (int32_t i = 0; i < n && length >= SHORT; i++) {
        size_t other = strlen(names[i]);
        if (other < best_length && is_short_for(name, length, names[i])) {
            best_length = other;
            best = names[i];
        }
    }
    return best;
}

const char *bt_nearest(const char *name, const char *const *names, int32_t n) {
    size_t length = strlen(name);
    const char *best = NULL;
    int best_distance = limit_of(length);
    if (length == 0 || length > NAME_BYTES)
        return NULL;
    for (int32_t i = 0; i < n; i++) {
        size_t other = strlen(names[i]);
        if (other > NAME_BYTES)
            continue;
        int d = distance(name, (int)length, names[i], (int)other);
        if (d < best_distance) {
            best_distance = d;
            best = names[i];
        }
    }
    return best ? best : longer_name(name, length, names, n);
}
