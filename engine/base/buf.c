/* A growing byte buffer.
 *
 * Capacity doubles, so n appended bytes cost O(n) in all. There is always room
 * for the NUL behind the content. An empty buffer owns nothing: it points at
 * one shared empty string (cap 0), so that buf_init allocates nothing and a
 * buffer that stays unused needs no buf_fini to be leak-free. Invariant:
 * data[len] == '\0'; cap == 0 or len < cap.
 */
#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char nothing[1];

void buf_init(struct buf *b) {
    *b = (struct buf){nothing, 0, 0};
}

void buf_fini(struct buf *b) {
    if (b->cap)
        free(b->data);
    buf_init(b);
}

void buf_clear(struct buf *b) {
    b->len = 0;
    b->data[0] = '\0';
}

/* Room for n more bytes and the NUL. */
static char *reserve(struct buf *b, size_t n) {
    if (n >= SIZE_MAX / 2 - b->len)
        return mem_alloc(SIZE_MAX); /* ends the process with its one line */
    size_t need = b->len + n + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? 2 * b->cap : 64;
        if (cap < need)
            cap = need;
        b->data = mem_realloc(b->cap ? b->data : NULL, cap);
        b->cap = cap;
    }
    return b->data + b->len;
}

void buf_add(struct buf *b, const void *bytes, size_t n) {
    char *end = reserve(b, n);
    if (n)
        memcpy(end, bytes, n);
    end[n] = '\0';
    b->len += n;
}

void buf_str(struct buf *b, const char *s) {
    buf_add(b, s, strlen(s));
}

void buf_chr(struct buf *b, char c) {
    buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n <= 0)
        return;
    char *end = reserve(b, (size_t)n);
    va_start(args, fmt);
    vsnprintf(end, (size_t)n + 1, fmt, args);
    va_end(args);
    b->len += (size_t)n;
}

static void add_u64(struct buf *b, uint64_t v, size_t bytes) {
    unsigned char raw[8];
    for (size_t i = 0; i < bytes; i++)
        raw[i] = (unsigned char)(v >> (8 * i));
    buf_add(b, raw, bytes);
}

void buf_i32(struct buf *b, int32_t v) {
    add_u64(b, (uint32_t)v, 4);
}

void buf_i64(struct buf *b, int64_t v) {
    add_u64(b, (uint64_t)v, 8);
}

void buf_f64(struct buf *b, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    add_u64(b, bits, 8);
}

/* Length of the well-formed UTF-8 sequence at s (n bytes left), 0 if none. */
static size_t utf8_length(const unsigned char *s, size_t n) {
    size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (len == 1)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    bool overlong =
        (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool outside =
        (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
    bool control = s[0] == 0xC2 && s[1] < 0xA0;
    return overlong || outside || control ? 0 : len;
}

void buf_quote(struct buf *b, const char *s, size_t n, size_t limit) {
    const unsigned char *u = (const unsigned char *)s;
    buf_chr(b, '"');
    size_t i = 0;
    while (i < n && i < limit) {
        size_t len = utf8_length(u + i, n - i);
        if (len == 0 || u[i] < 0x20 || u[i] == 0x7F) {
            buf_printf(b, "\\x%02x", u[i]);
            len = 1;
        } else {
            if (u[i] == '"' || u[i] == '\\')
                buf_chr(b, '\\');
            buf_add(b, s + i, len);
        }
        i += len;
    }
    buf_chr(b, '"');
    if (i < n)
        buf_printf(b, "... (%zu bytes)", n);
}

char *buf_take(struct buf *b) {
    char *text = b->cap ? b->data : mem_strdup("");
    buf_init(b);
    return text;
}
