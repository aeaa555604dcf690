/* The last failure, in words.
 *
 * One static text and no list: the process is single-threaded, a failure is
 * reported or passed upward before the next one can happen, and a failing
 * allocation must not be able to fail again here. Texts are cut at MESSAGE_MAX
 * bytes, never inside a UTF-8 sequence.
 *
 * fail() may be given the current message as an argument (that is how a failure
 * is wrapped), so every text is made aside and then copied in.
 */
#define BT_BASE_STATUS_C
#include "base/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 4096 };

static char message[MESSAGE_MAX];
static bt_status last_code;

const char *bt_error_message(void) {
    return message;
}

bt_status bt_error_code(void) {
    return last_code;
}

const char *bt_error_name(bt_status code) {
    static const char *const names[] = {
        "ok", "range", "name",  "usage",     "data",
        "io", "busy",  "state", "reproduce", "interrupt"};
    if (code < 0 || code >= (bt_status)(sizeof names / sizeof *names))
        return "unknown";
    return names[code];
}

/* Drop the bytes of a sequence that the cut at the end of text tore apart. */
static void trim_torn_utf8(char *text) {
    size_t n = strlen(text), tail = 0;
    while (tail < 4 && tail < n &&
           ((unsigned char)text[n - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail == n)
        return;
    unsigned char lead = (unsigned char)text[n - 1 - tail];
    size_t want = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (tail < want)
        text[n - 1 - tail] = '\0';
}

/* Adopt a text of MESSAGE_MAX bytes whose untruncated length was full. */
static void adopt(char *text, int full) {
    if (full >= MESSAGE_MAX)
        trim_torn_utf8(text);
    memcpy(message, text, strlen(text) + 1);
}

/* 0/0 has a sign on some machines, and printf shows it. */
static void drop_signs_of_nan(char *text) {
    for (char *at = text; (at = strstr(at, " -nan")) != NULL;)
        memmove(at + 1, at + 2, strlen(at + 2) + 1);
}

static void set_message(const char *fmt, va_list args) {
    char text[MESSAGE_MAX] = "";
    int full = vsnprintf(text, sizeof text, fmt, args);
    drop_signs_of_nan(text);
    adopt(text, full);
}

bt_status fail(bt_status code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    set_message(fmt, args);
    va_end(args);
    last_code = code;
    return code;
}

bt_status fail_within(bt_status code, const char *fmt, ...) {
    if (code == BT_OK)
        return code;
    char inner[MESSAGE_MAX], text[2 * MESSAGE_MAX];
    memcpy(inner, message, sizeof inner);
    va_list args;
    va_start(args, fmt);
    set_message(fmt, args);
    va_end(args);
    int full = snprintf(text, sizeof text, "%s: %s", message, inner);
    text[MESSAGE_MAX - 1] = '\0';
    adopt(text, full);
    last_code = code;
    return code;
}

bt_status fail_errno(const char *fmt, ...) {
    int error = errno;
    va_list args;
    va_start(args, fmt);
    set_message(fmt, args);
    va_end(args);
    return fail(BT_E_IO, "%s: %s", message, strerror(error));
}
