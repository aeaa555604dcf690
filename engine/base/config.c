/* Process settings: the guide's OptimizationConfig.
 *
 * Sources, the later winning: the base (defaults, or those of a file of
 * settings), bt_config_set, the environment
 * (BACKLUA_X, or RUSTYBT_X where that is unset). One table describes each
 * setting, so all three are checked by the same ranges and a message always
 * names variable or field, value and range. A bad value changes nothing: what
 * was in force stays in force. An empty value is a bad one, never a default.
 */
#include "base/buf.h"
#include "base/log.h"
#include "base/num.h"
#include "base/recent.h"
#include "base/status.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_SWITCH, KIND_INT, KIND_DOUBLE, KIND_WINDOWS };

struct setting {
    const char *field;    /* of OptimizationConfig */
    const char *variable; /* without prefix */
    enum kind kind;
    size_t offset;
    double min, max; /* of KIND_INT; KIND_DOUBLE: above min, up to max */
    const char *expected;
};

static const struct setting settings[] = {
    {"enable_caching", "ENABLE_CACHING", KIND_SWITCH,
     offsetof(bt_config, enable_caching), 0, 1,
     "true, false, yes, no, on, off, 1 or 0"},
    {"enable_bundle_pooling", "ENABLE_BUNDLE_POOLING", KIND_SWITCH,
     offsetof(bt_config, enable_bundle_pooling), 0, 1,
     "true, false, yes, no, on, off, 1 or 0"},
    {"cache_size_gb", "CACHE_SIZE_GB", KIND_DOUBLE,
     offsetof(bt_config, cache_size_gb), 0, 1024,
     "a number above 0, at most 1024"},
    {"lru_maxsize", "LRU_MAXSIZE", KIND_INT, offsetof(bt_config, lru_maxsize),
     1, 1000000, "a whole number, 1..1000000"},
    {"max_bundle_pool_size", "MAX_BUNDLE_POOL_SIZE", KIND_INT,
     offsetof(bt_config, max_bundle_pool_size), 1, 1000000,
     "a whole number, 1..1000000"},
    {"permanent_windows", "PERMANENT_WINDOWS", KIND_WINDOWS,
     offsetof(bt_config, permanent_windows), 1, BT_HISTORY_MAX,
     "up to 16 whole numbers, 1..100000, with commas between, or none"},
    {"tier2_maxsize", "TIER2_MAXSIZE", KIND_INT,
     offsetof(bt_config, tier2_maxsize), 1, RECENT_MAX,
     "a whole number, 1..16384"},
};

enum { SETTINGS = sizeof settings / sizeof *settings, SHOWN = 60 };

#define DEFAULTS                                                               \
    {                                                                          \
        .enable_caching = 1, .enable_bundle_pooling = 1, .cache_size_gb = 2.0, \
        .lru_maxsize = 128, .max_bundle_pool_size = 100, .permanent_count = 3, \
        .permanent_windows = {20, 50, 200}, .tier2_maxsize = 256               \
    }

/* Where nothing else is said: the defaults, or what a file of settings has. */
static bt_config fixed = DEFAULTS, current = DEFAULTS;

static double get(const bt_config *c, const struct setting *s) {
    const char *at = (const char *)c + s->offset;
    double number;
    int32_t whole;
    if (s->kind == KIND_DOUBLE) {
        memcpy(&number, at, sizeof number);
        return number;
    }
    memcpy(&whole, at, sizeof whole);
    return whole;
}

static void put(bt_config *c, const struct setting *s, double v) {
    char *at = (char *)c + s->offset;
    int32_t whole = (int32_t)v;
    if (s->kind == KIND_DOUBLE)
        memcpy(at, &v, sizeof v);
    else
        memcpy(at, &whole, sizeof whole);
}

static bool in_range(const struct setting *s, double v) {
    return s->kind == KIND_DOUBLE ? v > s->min && v <= s->max
                                  : v >= s->min && v <= s->max;
}

static bool parse_number(const struct setting *s, const char *text,
                         double *out) {
    bool on;
    int64_t whole;
    if (s->kind == KIND_DOUBLE)
        return num_parse(text, strlen(text), out);
    if (s->kind == KIND_SWITCH) {
        if (!num_parse_bool(text, &on))
            return false;
        *out = on;
        return true;
    }
    if (!num_parse_int(text, strlen(text), &whole))
        return false;
    *out = (double)whole;
    return true;
}

/* "20,50,200", or "none". */
static bool parse_windows(const struct setting *s, const char *text,
                          bt_config *out) {
    int32_t count = 0;
    bool more = strcmp(text, "none") != 0;
    while (more) {
        int64_t window;
        size_t n = strcspn(text, ",");
        if (count == BT_PERMANENT_MAX || !num_parse_int(text, n, &window) ||
            !in_range(s, (double)window))
            return false;
        out->permanent_windows[count++] = (int32_t)window;
        more = text[n] == ',';
        text += n + 1;
    }
    out->permanent_count = count;
    return true;
}

static bool parse(const struct setting *s, const char *text, bt_config *out) {
    double v;
    if (s->kind == KIND_WINDOWS)
        return parse_windows(s, text, out);
    if (!parse_number(s, text, &v) || !in_range(s, v))
        return false;
    put(out, s, v);
    return true;
}

static bt_status refuse_variable(const struct setting *s, const char *prefix,
                                 const char *text) {
    struct buf shown;
    buf_init(&shown);
    buf_quote(&shown, text, strlen(text), SHOWN);
    bt_status code = fail(BT_E_USAGE,
                          "environment variable %s%s must be %s, got %s; "
                          "correct or unset it",
                          prefix, s->variable, s->expected, shown.data);
    buf_fini(&shown);
    return code;
}

/* Lay the environment over c. */
static bt_status overlay(bt_config *c) {
    static const char *const prefixes[] = {"BACKLUA_", "RUSTYBT_"};
    for (int i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        for (int p = 0; p < 2; p++) {
            char name[64];
            snprintf(name, sizeof name, "%s%s", prefixes[p], s->variable);
            const char *text = getenv(name);
            if (!text)
                continue;
            if (!parse(s, text, c))
                return refuse_variable(s, prefixes[p], text);
            break;
        }
    }
    return BT_OK;
}

extern char **environ; /* POSIX has it declared by whoever wants it */

/* Variables of ours that are no settings. */
static const char *const other_variables[] = {"BUNDLES", "HOME", "CORE"};

enum { OTHERS = sizeof other_variables / sizeof *other_variables };

/* entry: NAME=value, without its prefix. */
static void warn_unless_known(const char *entry) {
    const char *known[SETTINGS + OTHERS];
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(entry, "="), entry);
    for (int i = 0; i < SETTINGS + OTHERS; i++) {
        known[i] =
            i < SETTINGS ? settings[i].variable : other_variables[i - SETTINGS];
        if (strcmp(known[i], name) == 0)
            return;
    }
    const char *near = bt_nearest(name, known, SETTINGS + OTHERS);
    log_warn("environment variable BACKLUA_%s is not known and does nothing%s%s"
             "%s",
             name, near ? "; did you mean BACKLUA_" : "", near ? near : "",
             near ? "?" : "; see `backlua config show`");
}

/* A misspelt name would go unnoticed. */
static void warn_of_unknown(void) {
    static bool done;
    for (char **e = environ; !done && *e; e++)
        if (strncmp(*e, "BACKLUA_", 8) == 0)
            warn_unless_known(*e + 8);
    done = true;
}

bt_status bt_config_load(void) {
    bt_config next = fixed;
    warn_of_unknown();
    TRY(overlay(&next));
    current = next;
    return BT_OK;
}

const bt_config *bt_config_get(void) {
    return &current;
}

const bt_config *bt_config_base(void) {
    return &fixed;
}

static bt_status refuse(const struct setting *s, double v) {
    char text[NUM_TEXT];
    num_format(v, text);
    return fail(BT_E_USAGE, "%s must be %s, got %s", s->field, s->expected,
                text);
}

static bt_status check_windows(const struct setting *s, const bt_config *c) {
    int32_t count = c->permanent_count;
    if (count < 0 || count > BT_PERMANENT_MAX)
        return fail(BT_E_USAGE, "%s must be %s, got %d of them", s->field,
                    s->expected, count);
    for (int32_t i = 0; i < count; i++)
        if (!in_range(s, c->permanent_windows[i]))
            return refuse(s, c->permanent_windows[i]);
    return BT_OK;
}

static bt_status check(const bt_config *config) {
    for (int i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        if (s->kind == KIND_WINDOWS)
            TRY(check_windows(s, config));
        else if (!in_range(s, get(config, s)))
            return refuse(s, get(config, s));
    }
    return BT_OK;
}

bt_status bt_config_set_base(const bt_config *config) {
    TRY(check(config));
    fixed = *config;
    return BT_OK;
}

bt_status bt_config_set(const bt_config *config) {
    bt_config next = *config;
    TRY(check(config));
    TRY(overlay(&next));
    current = next;
    return BT_OK;
}
