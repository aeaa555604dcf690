/* --map: what the user says about columns.
 *
 * Pairs role=column between commas; a column is its number, counted from 1, or
 * its name; -1 is no column. One column may be several prices, so that a file
 * with nothing but a close makes bars: open=close,high=close,low=close.
 */
#include "store/layout.h"

#include "base/num.h"
#include "base/status.h"

#include <string.h>

/* The pair at *at: its role's text and its column's. */
struct pair {
    const char *role, *column;
    size_t role_n, column_n;
};

static bool next_pair(const char **at, struct pair *p) {
    if (**at == '\0')
        return false;
    size_t n = strcspn(*at, ","), k = strcspn(*at, "=");
    *p = (struct pair){.role = *at, .role_n = k < n ? k : n};
    if (k < n) {
        p->column = *at + k + 1;
        p->column_n = n - k - 1;
    }
    *at += (*at)[n] == ',' ? n + 1 : n;
    return true;
}

static bt_status check_role(const struct pair *p, enum role *out) {
    if (p->column != NULL && names_find_role(p->role, p->role_n, out))
        return BT_OK;
    return fail(BT_E_USAGE,
                "--map '%.*s': write role=column with a role of date, time, "
                "symbol, open, high, low, close, volume, dividend, split and a "
                "column's number or name, such as close=5 or volume=-1",
                (int)(p->role_n + (p->column ? 1 + p->column_n : 0)), p->role);
}

static bt_status no_column(const struct layout *l, const char *path,
                           const struct pair *p) {
    struct buf names;
    buf_init(&names);
    layout_names(l, &names);
    bt_status s =
        fail(BT_E_NAME, "%s: --map %.*s=%.*s: no such column; it has %s", path,
             (int)p->role_n, p->role, (int)p->column_n, p->column, names.data);
    buf_fini(&names);
    return s;
}

static bt_status find_column(const struct layout *l, const char *path,
                             const struct pair *p, int *out) {
    char name[NAMES_PLAIN], wanted[NAMES_PLAIN] = "";
    int64_t number;
    if (num_parse_int(p->column, p->column_n, &number)) {
        if (number != -1 && (number < 1 || number > l->columns))
            return no_column(l, path, p);
        *out = number == -1 ? -1 : (int)number - 1;
        return BT_OK;
    }
    size_t n = p->column_n < 63 ? p->column_n : 63;
    memcpy(name, p->column, n);
    name[n] = '\0';
    names_plain(name, wanted);
    for (int i = 0; i < l->columns; i++) {
        names_plain(l->name[i], name);
        if (strcmp(name, wanted) == 0) {
            *out = i;
            return BT_OK;
        }
    }
    return no_column(l, path, p);
}

bt_status mapping_apply(const char *text, const char *path, struct layout *l) {
    struct pair p;
    while (next_pair(&text, &p)) {
        enum role role;
        int column = -1;
        TRY(check_role(&p, &role));
        TRY(find_column(l, path, &p, &column));
        l->at[role] = column;
    }
    return BT_OK;
}

bool mapping_has(const char *text, enum role role) {
    struct pair p;
    enum role found;
    while (text != NULL && next_pair(&text, &p))
        if (names_find_role(p.role, p.role_n, &found) && found == role)
            return true;
    return false;
}
