/* Names of columns as vendors write them.
 *
 * Names count without case and decoration. Where several columns of a file
 * could be the date, the one that stands first in the table below is taken.
 */
#include "store/names.h"

#include <limits.h>
#include <string.h>

static const char *const role_names[] = {
    "open", "high",   "low",      "close", "volume", "date",
    "time", "symbol", "dividend", "split", "nothing"};

/* Better readings of a role come first. */
static const struct {
    const char *name;
    enum role role;
} synonyms[] = {
    {"datetime", ROLE_DATE},    {"timestamp", ROLE_DATE},
    {"dateandtime", ROLE_DATE}, {"unix", ROLE_DATE},
    {"unixtime", ROLE_DATE},    {"epoch", ROLE_DATE},
    {"opentime", ROLE_DATE},    {"windowstart", ROLE_DATE},
    {"tsevent", ROLE_DATE},     {"localtime", ROLE_DATE},
    {"date", ROLE_DATE},        {"tradedate", ROLE_DATE},
    {"tradingday", ROLE_DATE},  {"day", ROLE_DATE},
    {"time", ROLE_TIME},        {"open", ROLE_OPEN},
    {"openprice", ROLE_OPEN},   {"o", ROLE_OPEN},
    {"high", ROLE_HIGH},        {"highprice", ROLE_HIGH},
    {"h", ROLE_HIGH},           {"low", ROLE_LOW},
    {"lowprice", ROLE_LOW},     {"l", ROLE_LOW},
    {"close", ROLE_CLOSE},      {"closeprice", ROLE_CLOSE},
    {"closelast", ROLE_CLOSE},  {"last", ROLE_CLOSE},
    {"c", ROLE_CLOSE},          {"volume", ROLE_VOLUME},
    {"vol", ROLE_VOLUME},       {"v", ROLE_VOLUME},
    {"symbol", ROLE_SYMBOL},    {"ticker", ROLE_SYMBOL},
    {"sym", ROLE_SYMBOL},       {"instrument", ROLE_SYMBOL},
    {"asset", ROLE_SYMBOL},
};
enum { SYNONYMS = sizeof synonyms / sizeof *synonyms };

/* Letters of Polish headers, in UTF-8 and in cp1250. */
static const struct {
    const char *bytes;
    char plain;
} letters[] = {
    {"\xc5\xbc", 'z'}, {"\xc4\x99", 'e'}, {"\xbf", 'z'}, {"\xea", 'e'}};
enum { LETTERS = sizeof letters / sizeof *letters };

static char polish(const char **s) {
    for (int i = 0; i < LETTERS; i++) {
        size_t n = strlen(letters[i].bytes);
        if (strncmp(*s, letters[i].bytes, n) == 0) {
            *s += n - 1;
            return letters[i].plain;
        }
    }
    return **s;
}

void names_plain(const char *name, char out[NAMES_PLAIN]) {
    size_t n = 0;
    for (; *name && n < NAMES_PLAIN - 1; name++) {
        char ch = polish(&name);
        if (ch >= 'A' && ch <= 'Z')
            ch = (char)(ch - 'A' + 'a');
        if (strchr(" \t<>\"'_-./[]()", ch) == NULL)
            out[n++] = ch;
    }
    out[n] = '\0';
}

/* time_utc, UTC time, Time (GMT): without that; false when there is none. */
static bool strip_utc(char plain[NAMES_PLAIN]) {
    size_t n = strlen(plain);
    if (n < 4)
        return false;
    bool ends =
        strcmp(plain + n - 3, "utc") == 0 || strcmp(plain + n - 3, "gmt") == 0;
    bool begins =
        strncmp(plain, "utc", 3) == 0 || strncmp(plain, "gmt", 3) == 0;
    if (ends)
        plain[n - 3] = '\0';
    else if (begins)
        memmove(plain, plain + 3, n - 2);
    return ends || begins;
}

static int rank_of(const char *plain, enum role *out) {
    for (int i = 0; i < SYNONYMS; i++)
        if (strcmp(synonyms[i].name, plain) == 0) {
            *out = synonyms[i].role;
            return i;
        }
    return INT_MAX;
}

static bool is_of_time(enum role role) {
    return role == ROLE_DATE || role == ROLE_TIME;
}

int names_rank(const char *name, enum role *out) {
    char plain[NAMES_PLAIN];
    enum role role = ROLE_IGNORED;
    names_plain(name, plain);
    int rank = rank_of(plain, &role);
    if (rank == INT_MAX && strip_utc(plain)) {
        rank = rank_of(plain, &role);
        rank = is_of_time(role) ? rank : INT_MAX;
    }
    if (rank != INT_MAX)
        *out = role;
    return rank;
}

bool names_say_utc(const char *name) {
    char plain[NAMES_PLAIN];
    names_plain(name, plain);
    return strip_utc(plain);
}

const char *names_role(enum role role) {
    return role_names[role];
}

bool names_find_role(const char *text, size_t n, enum role *out) {
    for (int r = 0; r < ROLE_IGNORED; r++)
        if (strlen(role_names[r]) == n && memcmp(role_names[r], text, n) == 0) {
            *out = (enum role)r;
            return true;
        }
    return false;
}
