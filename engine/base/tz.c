/* A zone is a list of stretches of time, each with one offset from UTC.
 *
 * The stretches come from a TZif file (RFC 8536; version 2 and later have
 * 64-bit times and, in a footer, the rule for all later years: tz_rule.c).
 * Nothing of the process is touched: neither TZ nor libc's idea of local time.
 *
 * UTC to local is a binary search, and the stretch found last is remembered, so
 * that a walk over ordered times costs a comparison. The other way, a local
 * time L belongs to a stretch when L - offset lies in it: none of them does
 * where the clocks jumped forward (a gap), two do where they were set back.
 *
 * Zones live as long as the process; there is one of each name.
 */
#include "base/tz.h"

#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"
#include "base/tz_file.h"
#include "base/tz_rule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)
/* No offset is further from Greenwich: RFC 8536, 3.2. */
enum { FARTHEST = 26 * 3600, NAME_MAX_LENGTH = 63 };

struct bt_zone {
    char name[NAME_MAX_LENGTH + 1];
    struct tz_span last; /* found most recently */
    bool has_rule;
    struct tz_rule rule; /* after the last change */
    int32_t first;       /* offset before the first change */
    int32_t count;
    struct tz_change changes[]; /* ascending */
};

static int64_t seconds_of(bt_time t) {
    return t / SECOND - (t % SECOND < 0);
}

/* ---- stretches ------------------------------------------------------------*/

/* Changes at or before an instant. */
static int32_t changes_until(const tz *z, int64_t at) {
    int32_t low = 0, high = z->count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (z->changes[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct tz_span find_span(const tz *z, int64_t at) {
    int32_t n = changes_until(z, at);
    int64_t from = n > 0 ? z->changes[n - 1].at : INT64_MIN;
    if (n == z->count && z->has_rule) {
        struct tz_span s = tz_rule_span(&z->rule, at);
        s.from = s.from > from ? s.from : from;
        return s;
    }
    return (struct tz_span){from, n < z->count ? z->changes[n].at : INT64_MAX,
                            n > 0 ? z->changes[n - 1].offset : z->first};
}

/* The memory of a zone is no part of what it is. */
static struct tz_span span_at(const tz *z, int64_t at) {
    struct tz_span *last = (struct tz_span *)&z->last;
    if (at < last->from || at >= last->until)
        *last = find_span(z, at);
    return *last;
}

int32_t tz_offset(const tz *z, bt_time utc) {
    return span_at(z, seconds_of(utc)).offset;
}

bt_time tz_local(const tz *z, bt_time utc) {
    return utc + tz_offset(z, utc) * SECOND;
}

bt_time tz_next_change(const tz *z, bt_time utc) {
    struct tz_span s = find_span(z, seconds_of(utc));
    for (int tries = 0; tries < 4 && s.until < INT64_MAX / SECOND; tries++) {
        struct tz_span next = find_span(z, s.until);
        if (next.offset != s.offset)
            return s.until * SECOND;
        s = next;
    }
    return INT64_MAX;
}

/* ---- local to UTC ---------------------------------------------------------*/

static bool holds(const struct tz_span *s, int64_t at) {
    return s->from <= at && at < s->until;
}

/* So far inside that no offset leads out of it. */
static bool is_within(const struct tz_span *s, int64_t local, int64_t margin) {
    return (s->from == INT64_MIN || s->from <= local - margin) &&
           (s->until == INT64_MAX || local + margin < s->until);
}

/* Go through the stretches that may hold it, in order of time. */
static struct tz_instant search(const tz *z, bt_time local, int64_t seconds) {
    struct tz_instant out = {TZ_GAP, 0, 0};
    int found = 0;
    int64_t at = seconds - FARTHEST;
    for (bool first = true; at <= seconds + FARTHEST; first = false) {
        struct tz_span s = find_span(z, at);
        bt_time utc = local - s.offset * SECOND;
        /* the clocks had passed it when this stretch began */
        if (!first && found == 0 && seconds - s.offset < s.from)
            return (struct tz_instant){TZ_GAP, s.from * SECOND,
                                       s.from * SECOND};
        if (holds(&s, seconds - s.offset)) {
            out.first = found == 0 ? utc : out.first;
            out.second = utc;
            out.kind = found++ == 0 ? TZ_UNIQUE : TZ_TWICE;
        }
        if (s.until == INT64_MAX)
            break;
        at = s.until;
    }
    return out;
}

struct tz_instant tz_utc(const tz *z, bt_time local) {
    int64_t seconds = seconds_of(local);
    struct tz_span s = span_at(z, seconds);
    if (is_within(&s, seconds, FARTHEST)) {
        bt_time utc = local - s.offset * SECOND;
        return (struct tz_instant){TZ_UNIQUE, utc, utc};
    }
    return search(z, local, seconds);
}

/* "2012-03-11 02:30:00" of a time; only the clock: "02:30:00". */
static const char *clock_text(bt_time local, bool with_date, char *out) {
    date_format_time(local, out);
    out[10] = ' ';
    out[19] = '\0';
    return with_date ? out : out + 11;
}

void tz_explain(const tz *z, bt_time local, char out[TZ_TEXT]) {
    char at[DATE_TEXT], a[DATE_TEXT], b[DATE_TEXT];
    struct tz_instant i = tz_utc(z, local);
    clock_text(local, true, at);
    if (i.kind == TZ_GAP)
        snprintf(
            out, TZ_TEXT,
            "%s does not exist in %s: the clocks went from %s to %s", at,
            z->name,
            clock_text(i.first + tz_offset(z, i.first - 1) * SECOND, false, a),
            clock_text(tz_local(z, i.first), false, b));
    else if (i.kind == TZ_TWICE)
        snprintf(out, TZ_TEXT, "%s is twice in %s: at %s and at %s UTC", at,
                 z->name, clock_text(i.first, false, a),
                 clock_text(i.second, false, b));
    else
        snprintf(out, TZ_TEXT, "%s in %s is %s UTC", at, z->name,
                 clock_text(i.first, true, a));
}

/* ---- making them ----------------------------------------------------------*/

static tz *make(const char *name, size_t changes) {
    tz *z = mem_zalloc(1, sizeof *z + changes * sizeof *z->changes);
    snprintf(z->name, sizeof z->name, "%s", name);
    return z;
}

bt_status tz_parse(const char *name, const void *bytes, size_t n, tz **out) {
    struct tz_file f;
    TRY(tz_file_read(name, bytes, n, &f));
    tz *z = make(name, (size_t)f.count);
    z->first = f.first;
    z->count = f.count;
    z->has_rule = f.has_rule;
    z->rule = f.rule;
    for (int32_t i = 0; i < f.count; i++)
        z->changes[i] = tz_file_change(&f, i);
    z->last = find_span(z, 0);
    *out = z;
    return BT_OK;
}

static bt_status parse_fixed(const char *name, tz **out) {
    int32_t offset;
    if (!tz_file_fixed(name, &offset))
        return BT_E_NAME;
    *out = make(name, 0);
    (*out)->first = offset;
    (*out)->last = find_span(*out, 0);
    return BT_OK;
}

static bt_status load(const char *name, tz **out) {
    struct buf bytes;
    if (parse_fixed(name, out) == BT_OK)
        return BT_OK;
    buf_init(&bytes);
    bt_status status = tz_file_load(name, &bytes);
    if (status == BT_OK)
        status = tz_parse(name, bytes.data, bytes.len, out);
    buf_fini(&bytes);
    return status;
}

bt_status tz_find(const char *name, const tz **out) {
    static struct map *zones;
    if (zones == NULL)
        zones = map_new();
    tz *z = map_get(zones, name);
    if (z == NULL) {
        TRY(load(name, &z));
        map_put(zones, name, z);
    }
    *out = z;
    return BT_OK;
}

const char *tz_name(const tz *z) {
    return z->name;
}

/* ---- for Lua --------------------------------------------------------------*/

bt_status bt_zone_find(const char *name, const bt_zone **out) {
    return tz_find(name, out);
}

/* What is no time, or none within 200,000 years, counts as 1970. */
static bt_time time_of(double unix_seconds) {
    return fabs(unix_seconds) < 6e12 ? (bt_time)(unix_seconds * 1e6) : 0;
}

int32_t bt_zone_offset(const bt_zone *z, double unix_seconds) {
    return tz_offset(z, time_of(unix_seconds));
}

int32_t bt_zone_utc(const bt_zone *z, double local_seconds, double *out) {
    struct tz_instant i = tz_utc(z, time_of(local_seconds));
    out[0] = (double)i.first / 1e6;
    out[1] = (double)i.second / 1e6;
    return i.kind;
}
