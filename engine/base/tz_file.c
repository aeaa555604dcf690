/* Reading TZif files (RFC 8536), and finding them.
 *
 *     header    "TZif", version, 15 unused bytes, six counts of 4 bytes
 *     block     times, type of each, types (offset, is summer, name), names,
 *               leap seconds, two kinds of flags
 *     version 2 and later: the same again with 8-byte times, then a line with
 *     the rule for later years
 *
 * All numbers are big-endian. Every count is checked against the size of the
 * file before anything is read. Files that count leap seconds ("right/...") are
 * refused: the times of bars do not.
 */
#include "base/tz_file.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADER = 44, TYPE_BYTES = 6, FILE_MAX = 1 << 20, OFFSET_MAX = 93600 };

static const char *const folders[] = {
    "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"};
enum { FOLDERS = sizeof folders / sizeof *folders };

/* ---- content --------------------------------------------------------------*/

struct counts {
    uint32_t isut, isstd, leaps, times, types, chars;
};

static uint32_t read_u32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static int64_t read_time(const uint8_t *p, int32_t bytes) {
    int64_t high = (int32_t)read_u32(p);
    return bytes == 4 ? high
                      : (int64_t)((uint64_t)high << 32 | read_u32(p + 4));
}

static bt_status damaged(const char *name, const char *what) {
    return fail(BT_E_DATA,
                "time zone file of '%s': %s; reinstall the package tzdata",
                name, what);
}

/* The header at p: false when there is none. */
static bool read_header(const uint8_t *p, size_t n, struct counts *c) {
    if (n < HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    *c = (struct counts){read_u32(p + 20), read_u32(p + 24), read_u32(p + 28),
                         read_u32(p + 32), read_u32(p + 36), read_u32(p + 40)};
    return c->isut < FILE_MAX && c->isstd < FILE_MAX && c->leaps < FILE_MAX &&
           c->times < FILE_MAX && c->types <= 256 && c->chars < FILE_MAX;
}

static size_t block_bytes(const struct counts *c, size_t time_bytes) {
    return c->times * (time_bytes + 1) + c->types * (size_t)TYPE_BYTES +
           c->chars + c->leaps * (time_bytes + 4) + c->isstd + c->isut;
}

static int32_t offset_of(const struct tz_file *f, int32_t type) {
    return (int32_t)read_u32(f->kinds + (size_t)type * TYPE_BYTES);
}

struct tz_change tz_file_change(const struct tz_file *f, int32_t i) {
    return (struct tz_change){
        read_time(f->times + (size_t)i * (size_t)f->time_bytes, f->time_bytes),
        offset_of(f, f->types[i])};
}

static const char *check_block(const struct tz_file *f, int32_t types) {
    for (int32_t i = 0; i < types; i++)
        if (abs(offset_of(f, i)) > OFFSET_MAX)
            return "an offset of more than 26 hours";
    for (int32_t i = 0; i < f->count; i++) {
        if (f->types[i] >= types)
            return "a change to a type that is not there";
        if (i > 0 && tz_file_change(f, i - 1).at >= tz_file_change(f, i).at)
            return "changes out of order";
    }
    return NULL;
}

static bt_status read_block(const char *name, const uint8_t *p, size_t n,
                            int32_t time_bytes, struct tz_file *f,
                            size_t *used) {
    struct counts c;
    if (!read_header(p, n, &c))
        return damaged(name, "no TZif header");
    *used = HEADER + block_bytes(&c, (size_t)time_bytes);
    if (*used > n)
        return damaged(name, "cut off");
    if (c.types == 0)
        return damaged(name, "no type of local time");
    if (c.leaps > 0)
        return fail(BT_E_NAME,
                    "time zone '%s' counts leap seconds, which the times of "
                    "bars do not; take the zone of that name without 'right/'",
                    name);
    f->count = (int32_t)c.times;
    f->time_bytes = time_bytes;
    f->times = p + HEADER;
    f->types = f->times + c.times * (size_t)time_bytes;
    f->kinds = f->types + c.times;
    f->first = offset_of(f, 0);
    const char *wrong = check_block(f, (int32_t)c.types);
    return wrong ? damaged(name, wrong) : BT_OK;
}

static bt_status read_footer(const char *name, const char *p, size_t n,
                             struct tz_file *f) {
    const char *end = n > 1 && p[0] == '\n' ? memchr(p + 1, '\n', n - 1) : NULL;
    if (end == NULL)
        return damaged(name, "no rule after its last change");
    size_t length = (size_t)(end - p - 1);
    f->has_rule = length > 0;
    if (f->has_rule && !tz_rule_parse(p + 1, length, &f->rule))
        return damaged(name, "its rule for later years makes no sense");
    return BT_OK;
}

bt_status tz_file_read(const char *name, const void *bytes, size_t n,
                       struct tz_file *out) {
    const uint8_t *p = bytes;
    struct tz_file f = {0};
    struct counts c;
    size_t used;
    if (!read_header(p, n, &c))
        return damaged(name, "no TZif header");
    if (p[4] == 0) {
        TRY(read_block(name, p, n, 4, &f, &used));
    } else {
        size_t first = HEADER + block_bytes(&c, 4);
        if (first > n)
            return damaged(name, "cut off");
        TRY(read_block(name, p + first, n - first, 8, &f, &used));
        TRY(read_footer(name, (const char *)p + first + used, n - first - used,
                        &f));
    }
    *out = f;
    return BT_OK;
}

/* ---- fixed offsets --------------------------------------------------------*/

static bool two_digits(const char **p, int max, int32_t *out) {
    const char *s = *p;
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
        return false;
    *out = (s[0] - '0') * 10 + (s[1] - '0');
    *p += 2;
    return *out <= max;
}

bool tz_file_fixed(const char *name, int32_t *out) {
    int32_t hours = 0, minutes = 0;
    bool is_utc = strncmp(name, "UTC", 3) == 0 || strncmp(name, "GMT", 3) == 0;
    const char *p = is_utc ? name + 3 : name;
    *out = 0;
    if (*p == '\0' || strcmp(name, "Z") == 0)
        return is_utc || *name == 'Z';
    if (*p != '+' && *p != '-')
        return false;
    int32_t sign = *p++ == '-' ? -1 : 1;
    if (p[0] >= '0' && p[0] <= '9' && (p[1] == '\0' || p[1] == ':'))
        hours = *p++ - '0';
    else if (!two_digits(&p, 15, &hours))
        return false;
    p += *p == ':';
    if (*p != '\0' && (!two_digits(&p, 59, &minutes) || *p != '\0'))
        return false;
    *out = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* ---- folders --------------------------------------------------------------*/

static const char *folder(void) {
    for (int i = 0; i < FOLDERS; i++)
        if (fs_is_dir(folders[i]))
            return folders[i];
    return NULL;
}

/* Letters, digits and "_+-" in parts between '/': nothing leads out. */
static bool is_plain(const char *name) {
    static const char ok[] = "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
    size_t n = strlen(name);
    return n > 0 && n < 64 && name[0] != '/' && name[n - 1] != '/' &&
           strspn(name, ok) == n;
}

/* The names in zone1970.tab and tzdata.zi are on lines of other things: what is
 * between blanks and holds a '/' is one. */
static size_t split_names(char *text, const char **names, size_t max) {
    size_t count = 0;
    for (char *save, *word = strtok_r(text, " \t\n", &save); word;
         word = strtok_r(NULL, " \t\n", &save))
        if (strchr(word, '/') && is_plain(word) && count < max)
            names[count++] = word;
    return count;
}

/* Short names that people write and several zones bear, each with the one that
 * markets are in. */
static const char *known_short(const char *name) {
    static const char *const pairs[][2] = {
        {"EDT", "America/New_York"},
        {"ET", "America/New_York"},
        {"CST", "America/Chicago"},
        {"CDT", "America/Chicago"},
        {"CT", "America/Chicago"},
        {"PST", "America/Los_Angeles"},
        {"PDT", "America/Los_Angeles"},
        {"PT", "America/Los_Angeles"},
        {"BST", "Europe/London"},
        {"CEST", "Europe/Berlin"},
        {"EEST", "Europe/Athens"},
        {"MSK", "Europe/Moscow"},
        {"IST", "Asia/Kolkata"},
        {"HKT", "Asia/Hong_Kong"},
        {"SGT", "Asia/Singapore"},
        {"JST", "Asia/Tokyo"},
        {"KST", "Asia/Seoul"},
        {"AEST", "Australia/Sydney"},
        {"AEDT", "Australia/Sydney"},
        {"utc", "UTC"},
        {"gmt", "UTC"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strcasecmp(name, pairs[i][0]) == 0)
            return pairs[i][1];
    return NULL;
}

/* The zone whose city, or whole name, is that but for case and blanks. */
static const char *find_city(const char *name, const char *const *names,
                             size_t count) {
    char plain[64];
    size_t n = strlen(name);
    for (size_t i = 0; i <= n && n < sizeof plain; i++)
        plain[i] = (char)(name[i] == ' ' ? '_' : name[i]);
    for (size_t i = 0; i < count && n < sizeof plain; i++)
        if (strcasecmp(strrchr(names[i], '/') + 1, plain) == 0 ||
            strcasecmp(names[i], plain) == 0)
            return names[i];
    return NULL;
}

static const char *guess(const char *name, const char *const *names,
                         size_t count) {
    const char *found = known_short(name);
    if (found == NULL)
        found = find_city(name, names, count);
    return found ? found : bt_nearest(name, names, (int32_t)count);
}

static bt_status unknown(const char *root, const char *name) {
    enum { NAMES = 4096 };
    struct buf text;
    buf_init(&text);
    char *path = fs_join(root, "tzdata.zi");
    const char **names = mem_alloc(NAMES * sizeof *names), *near = NULL;
    if (fs_read(path, FILE_MAX, &text) == BT_OK) {
        buf_add(&text, "", 1);
        near = guess(name, names, split_names(text.data, names, NAMES));
    }
    bt_status status =
        near ? fail(BT_E_NAME, "unknown time zone '%.60s'; did you mean '%s'?",
                    name, near)
             : fail(BT_E_NAME,
                    "unknown time zone '%.60s'; it must be a zone in %s such "
                    "as America/New_York, UTC, or an offset such as +02:00",
                    name, root);
    free(names);
    free(path);
    buf_fini(&text);
    return status;
}

/* Beside the zones lie files of other things, such as leapseconds; none lies in
 * a folder. */
static bool is_other(const char *name, const struct buf *b) {
    return !strchr(name, '/') &&
           (b->len < 4 || memcmp(b->data, "TZif", 4) != 0);
}

bt_status tz_file_load(const char *name, struct buf *out) {
    const char *root = folder();
    if (root == NULL)
        return fail(BT_E_DATA,
                    "no time zone database in %s, for zone '%.60s'; install "
                    "the package tzdata, or give an offset such as +02:00",
                    folders[0], name);
    if (!is_plain(name))
        return unknown(root, name);
    char *path = fs_join(root, name);
    bt_status status = fs_is_dir(path) || !fs_exists(path)
                           ? unknown(root, name)
                           : fs_read(path, FILE_MAX, out);
    free(path);
    if (status == BT_OK && is_other(name, out))
        return unknown(root, name);
    return status;
}
