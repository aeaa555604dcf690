/* A calendar of one's own: a text file, one thing a line.
 *
 *     # CME equity futures
 *     zone America/Chicago
 *     Mon-Fri 17:00-16:00            opens on the evening before its date
 *     2024-12-24 17:00-12:15         an early close
 *     2024-12-25 closed
 *     2024-11-30                     a session with its weekday's usual hours
 *
 * Blanks, commas and tabs separate alike, so a table `date,open,close` is a
 * calendar too. Hours are local to the zone (UTC unless given) and end at 24:00
 * at the latest; hours whose end is not after their begin open on the day
 * before. Without a line for weekdays the dates that are listed are the
 * sessions; a date that is given twice is an error.
 */
#include "store/schedule_parts.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORDS = 4, LINE_BYTES = 256 };

static const char *const weekdays[7] = {"Mon", "Tue", "Wed", "Thu",
                                        "Fri", "Sat", "Sun"};

struct line {
    int number;
    char text[LINE_BYTES];
    char *word[WORDS];
    int words;
};

static bt_status wrong(const struct line *l, const char *word,
                       const char *what) {
    return fail(BT_E_USAGE,
                "line %d, '%.60s': %s; write 'zone America/Chicago', 'Mon-Fri "
                "09:30-16:00', '2024-07-03 09:30-13:00' or '2024-07-04 closed'",
                l->number, word, what);
}

/* ---- words ----------------------------------------------------------------*/

/* One name from three letters on, any case; -1. */
static int weekday_of(const char *s, size_t n) {
    for (int i = 0; i < 7; i++)
        if (n == 3 && strncasecmp(s, weekdays[i], 3) == 0)
            return i;
    return -1;
}

/* "Mon" or "Mon-Fri", also across Sunday. */
static bool parse_weekdays(const char *word, bool on[7]) {
    const char *dash = strchr(word, '-');
    size_t n = dash ? (size_t)(dash - word) : strlen(word);
    int from = weekday_of(word, n);
    int to = dash ? weekday_of(dash + 1, strlen(dash + 1)) : from;
    if (from < 0 || to < 0)
        return false;
    for (int day = from;; day = (day + 1) % 7) {
        on[day] = true;
        if (day == to)
            return true;
    }
}

/* "9:30", "09:30", "24:00" */
static bool parse_clock(const char *s, size_t n, int *minute) {
    int parts[2] = {0, 0}, digits = 0, part = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == ':' && part == 0 && digits > 0) {
            part = 1;
            digits = 0;
        } else if (s[i] >= '0' && s[i] <= '9' && digits < 2) {
            parts[part] = 10 * parts[part] + (s[i] - '0');
            digits++;
        } else {
            return false;
        }
    }
    *minute = parts[0] * 60 + parts[1];
    return part == 1 && digits == 2 && parts[1] < 60 && *minute <= DAY_MINUTES;
}

/* "09:30-16:00", or the two as two words. */
static bool parse_hours(const struct line *l, int at, struct hours *out) {
    const char *first = l->word[at], *dash = strchr(first, '-');
    size_t n = dash ? (size_t)(dash - first) : strlen(first);
    int open, close;
    if (l->words != at + (dash ? 1 : 2))
        return false;
    const char *second = dash ? dash + 1 : l->word[at + 1];
    if (!parse_clock(first, n, &open) ||
        !parse_clock(second, strlen(second), &close))
        return false;
    if (open >= close)
        open -= DAY_MINUTES;
    *out = (struct hours){true, (int16_t)open, (int16_t)close};
    return true;
}

/* ---- lines ----------------------------------------------------------------*/

static bt_status add_week(struct schedule *s, const struct line *l,
                          const bool on[7]) {
    struct hours h;
    if (l->words < 2 || !parse_hours(l, 1, &h))
        return wrong(l, l->words < 2 ? l->word[0] : l->word[1],
                     "hours are missing or wrong");
    for (int i = 0; i < 7; i++)
        if (on[i])
            s->week[i] = h;
    return BT_OK;
}

static bt_status add_date(struct schedule *s, const struct line *l,
                          int32_t day) {
    struct hours h = s->week[date_weekday(day)];
    h.is_session = true;
    if (l->words == 2 && strcasecmp(l->word[1], "closed") == 0)
        h.is_session = false;
    else if (l->words > 1 && !parse_hours(l, 1, &h))
        return wrong(l, l->word[1], "hours are wrong");
    s->dates = mem_grow(s->dates, s->count, &s->cap, sizeof *s->dates);
    s->dates[s->count++] = (struct schedule_date){day, h};
    return BT_OK;
}

static bt_status take_line(struct schedule *s, const struct line *l) {
    bool on[7] = {false}, has_time;
    bt_time t;
    const char *first = l->word[0];
    if (strcasecmp(first, "zone") == 0) {
        if (l->words != 2)
            return wrong(l, first, "a zone has one name");
        return fail_within(tz_find(l->word[1], &s->zone), "line %d", l->number);
    }
    if (parse_weekdays(first, on))
        return add_week(s, l, on);
    if (date_parse(first, strlen(first), &t, &has_time) && !has_time)
        return add_date(s, l, date_of(t));
    if (l->number == 1 && strcasecmp(first, "date") == 0)
        return BT_OK; /* the header of a table */
    return wrong(l, first, "neither a date, weekdays nor a zone");
}

/* The words of the line at text, without what follows a '#'; returns where the
 * next one begins. */
static const char *split(const char *text, struct line *l) {
    size_t n = strcspn(text, "\n"), kept = n < LINE_BYTES ? n : LINE_BYTES - 1;
    memcpy(l->text, text, kept);
    l->text[kept] = '\0';
    l->text[strcspn(l->text, "#")] = '\0';
    l->words = 0;
    l->number++;
    for (char *save, *word = strtok_r(l->text, " ,;\t\r", &save); word;
         word = strtok_r(NULL, " ,;\t\r", &save))
        if (l->words < WORDS)
            l->word[l->words++] = word;
    return text[n] == '\0' ? text + n : text + n + 1;
}

static int by_day(const void *a, const void *b) {
    int32_t x = ((const struct schedule_date *)a)->day;
    int32_t y = ((const struct schedule_date *)b)->day;
    return (x > y) - (x < y);
}

static bt_status check(struct schedule *s) {
    char text[DATE_TEXT];
    bool any = s->count > 0;
    for (int i = 0; i < 7; i++)
        any = any || s->week[i].is_session;
    if (!any)
        return fail(BT_E_USAGE, "it names no session; write 'Mon-Fri "
                                "09:30-16:00' or dates");
    if (s->count > 0)
        qsort(s->dates, s->count, sizeof *s->dates, by_day);
    for (size_t i = 1; i < s->count; i++) {
        if (s->dates[i].day == s->dates[i - 1].day) {
            date_format(s->dates[i].day, text);
            return fail(BT_E_USAGE, "%s is given twice; keep one", text);
        }
    }
    return BT_OK;
}

bt_status schedule_read_lines(const char *text, struct schedule *s) {
    struct line l = {.number = 0};
    while (*text != '\0') {
        text = split(text, &l);
        if (l.words > 0)
            TRY(take_line(s, &l));
    }
    return check(s);
}
