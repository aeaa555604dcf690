/* Formats by their signature.
 *
 * A header is compared name by name with the signatures of format_table.c, the
 * first that fits is taken. A file without header is known by the classes of
 * the cells of its first row; where several formats share a shape and differ in
 * meaning, the caller asks. A signature only proposes: dates, units and the
 * order of prices are proven by all rows.
 */
#include "store/format.h"

#include "base/status.h"
#include "store/stamp.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The nearest name, or all there are. */
static bt_status unknown_format(const char *name, const char *const *names) {
    const char *near = bt_nearest(name, names, format_count);
    struct buf all;
    if (near != NULL)
        return fail(BT_E_NAME, "no format '%.40s'; do you mean '%s'?", name,
                    near);
    buf_init(&all);
    for (int i = 0; i < format_count; i++)
        if (format_list[i].kind == FORMAT_BARS)
            buf_printf(&all, "%s%s", all.len ? ", " : "", names[i]);
    bt_status s =
        fail(BT_E_NAME, "no format '%.40s'; there are %s", name, all.data);
    buf_fini(&all);
    return s;
}

bt_status format_find(const char *name, const struct format **out) {
    const char *names[64] = {NULL};
    for (int i = 0; i < format_count; i++) {
        names[i] = format_list[i].name;
        if (strcmp(names[i], name) == 0) {
            *out = &format_list[i];
            return BT_OK;
        }
    }
    return unknown_format(name, names);
}

/* ---- headers ----------------------------------------------------------------
 */

struct token {
    const char *name, *end; /* alternatives separated by | */
    const char *role;       /* behind =, NULL */
    size_t role_n;
    bool optional;
};

/* The token at *at, which moves behind it. */
static struct token next_token(const char **at) {
    struct token t = {.name = *at};
    const char *end = t.name + strcspn(t.name, ",");
    *at = *end == ',' ? end + 1 : end;
    t.optional = *t.name == '?';
    t.name += t.optional;
    t.end = t.name;
    while (t.end < end && *t.end != '=')
        t.end++;
    if (t.end < end) {
        t.role = t.end + 1;
        t.role_n = (size_t)(end - t.role);
    }
    return t;
}

/* One alternative; a * at its end stands for any rest. */
static bool equals(const char *pattern, size_t n, const char *name) {
    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(pattern, name, n - 1) == 0;
    return strlen(name) == n && memcmp(pattern, name, n) == 0;
}

static bool token_fits(const struct token *t, const char *name) {
    const char *s = t->name;
    for (;;) {
        const char *end = s;
        while (end < t->end && *end != '|')
            end++;
        if (equals(s, (size_t)(end - s), name))
            return true;
        if (end == t->end)
            return false;
        s = end + 1;
    }
}

static enum role token_role(const struct token *t, const char *name) {
    enum role role = ROLE_IGNORED;
    if (t->role != NULL)
        (void)names_find_role(t->role, t->role_n, &role);
    else if (names_rank(name, &role) == INT_MAX)
        role = ROLE_IGNORED;
    return role;
}

bool format_fits(const struct format *f, char (*names)[NAMES_PLAIN], int n,
                 enum role *roles) {
    const char *at = f->header;
    int i = 0;
    if (at == NULL)
        return false;
    for (;;) {
        struct token t = next_token(&at);
        bool last = *at == '\0';
        if (last && t.end - t.name == 1 && *t.name == '*') {
            for (; i < n; i++)
                roles[i] = ROLE_IGNORED;
            return true;
        }
        if (i < n && token_fits(&t, names[i])) {
            roles[i] = token_role(&t, names[i]);
            i++;
        } else if (!t.optional)
            return false;
        if (last)
            return i == n;
    }
}

const struct format *format_of_header(char (*names)[NAMES_PLAIN], int n,
                                      enum role *roles) {
    for (int i = 0; i < format_count; i++)
        if (format_fits(&format_list[i], names, n, roles))
            return &format_list[i];
    return NULL;
}

/* ---- shapes -----------------------------------------------------------------
 */

static bool all_digits(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    return n > 0;
}

static bool is_number(const char *s, size_t n) {
    size_t digits = 0, points = 0;
    for (size_t i = s[0] == '-'; i < n; i++) {
        digits += s[i] >= '0' && s[i] <= '9';
        points += s[i] == '.';
    }
    return digits > 0 && points <= 1 && digits + points + (s[0] == '-') == n;
}

static char class_of_digits(const char *s, size_t n) {
    if (n == 8 && stamp_form_of(s, n) == STAMP_COMPACT)
        return 'Y';
    if (n >= 10 && n <= 19)
        return 'E';
    return n < 8 || strncmp(s, "86400000", 8) < 0 ? 'm' : 'n';
}

char format_class(const char *s, size_t n) {
    bt_time clock;
    if (n == 0)
        return 'x';
    if (all_digits(s, n))
        return class_of_digits(s, n);
    if (is_number(s, n))
        return 'n';
    if (memchr(s, ':', n) != NULL && stamp_parse_clock(s, n, &clock) == NULL)
        return 'C';
    enum stamp_form form = stamp_form_of(s, n);
    if (form == STAMP_SLASH && n <= 10 && memchr(s, '/', n) != NULL)
        return 'S';
    if (form == STAMP_ISO && n == 10 && s[4] == '.')
        return 'D';
    if (form == STAMP_COMPACT && n > 9)
        return memchr(s, ':', n) != NULL ? 'L' : 'K';
    return 'x';
}

/* Whole numbers of any size are numbers, too. */
bool format_has_shape(const struct format *f, const char *classes) {
    const char *s = f->shape;
    if (s == NULL || strlen(s) != strlen(classes))
        return false;
    for (; *s != '\0'; s++, classes++)
        if (*s != *classes && (*s != 'n' || strchr("mEY", *classes) == NULL))
            return false;
    return true;
}
