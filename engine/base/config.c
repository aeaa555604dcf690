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
#include "base/num.h"
#include "base/status.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_SWITCH, KIND_INT, KIND_DOUBLE };

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
};

enum { SETTINGS = sizeof settings / sizeof *settings, SHOWN = 60 };

/* Where nothing else is said: the defaults, or what a file of settings has. */
static bt_config base = {1, 1, 2.0, 128, 100};
static bt_config current = {1, 1, 2.0, 128, 100};

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

static bool parse(const struct setting *s, const char *text, double *out) {
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
            double v;
            if (!text)
                continue;
            if (!parse(s, text, &v) || !in_range(s, v))
                return refuse_variable(s, prefixes[p], text);
            put(c, s, v);
            break;
        }
    }
    return BT_OK;
}

bt_status bt_config_load(void) {
    bt_config next = base;
    TRY(overlay(&next));
    current = next;
    return BT_OK;
}

const bt_config *bt_config_get(void) {
    return &current;
}

const bt_config *bt_config_base(void) {
    return &base;
}

static bt_status check(const bt_config *config) {
    for (int i = 0; i < SETTINGS; i++) {
        double v = get(config, &settings[i]);
        char text[NUM_TEXT];
        num_format(v, text);
        if (!in_range(&settings[i], v))
            return fail(BT_E_USAGE, "%s must be %s, got %s", settings[i].field,
                        settings[i].expected, text);
    }
    return BT_OK;
}

bt_status bt_config_set_base(const bt_config *config) {
    TRY(check(config));
    base = *config;
    return BT_OK;
}

bt_status bt_config_set(const bt_config *config) {
    bt_config next = *config;
    TRY(check(config));
    TRY(overlay(&next));
    current = next;
    return BT_OK;
}
