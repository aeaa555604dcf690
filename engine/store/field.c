/* A bundle's own fields go by names that can be written as Lua identifiers, so
 * that the column of a frame is f.funding_rate, whatever the header said.
 * Bytes above 127 are letters: a name may be in any script.
 */
#include "store/field.h"

#include "base/status.h"

#include <stdbool.h>
#include <string.h>

static const char *const FIELD_NAMES[BT_FIELDS] = {"open",  "high",   "low",
                                                   "close", "volume", "price"};

int32_t bt_field_find(const char *name) {
    for (int32_t i = 0; i < BT_FIELDS; i++)
        if (strcmp(FIELD_NAMES[i], name) == 0)
            return i;
    return -1;
}

const char *field_of_all(int32_t field) {
    return field >= 0 && field < BT_FIELDS ? FIELD_NAMES[field] : NULL;
}

static bool is_letter(unsigned char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || c > 127;
}

static bool is_field_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

bt_status field_check_name(const char *name) {
    size_t n = strlen(name);
    bool good =
        n > 0 && n <= FIELD_NAME_MAX && !is_field_digit((unsigned char)*name);
    for (size_t i = 0; i < n; i++)
        good = good && (is_letter((unsigned char)name[i]) ||
                        is_field_digit((unsigned char)name[i]));
    if (!good)
        return fail(BT_E_USAGE,
                    "field name '%.80s': use 1 to %d lower-case letters, "
                    "digits and '_', not a digit first",
                    name, FIELD_NAME_MAX);
    if (bt_field_find(name) >= 0)
        return fail(BT_E_USAGE,
                    "field name '%s' is that of a field every bundle has; "
                    "rename the column",
                    name);
    return BT_OK;
}

bt_status field_name(const char *text, char *out) {
    char name[FIELD_NAME_MAX + 2];
    size_t n = 0;
    for (; *text != '\0' && n <= FIELD_NAME_MAX; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c - 'A' + 'a');
        if (is_letter(c) || is_field_digit(c))
            name[n++] = (char)c;
        else if (n > 0 && name[n - 1] != '_')
            name[n++] = '_';
    }
    while (n > 0 && name[n - 1] == '_')
        n--;
    name[n] = '\0';
    TRY(field_check_name(name));
    memcpy(out, name, n + 1);
    return BT_OK;
}
