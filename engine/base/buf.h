/* A growing byte buffer, always NUL-terminated, for text and for wire frames.
 */
#ifndef BT_BASE_BUF_H
#define BT_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* NUL-terminated, never NULL after init */
    size_t len; /* bytes, NUL not counted */
    size_t cap;
};

void buf_init(struct buf *b);
void buf_fini(struct buf *b);
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_chr(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_i32(struct buf *b, int32_t v); /* little-endian */
void buf_i64(struct buf *b, int64_t v);
void buf_f64(struct buf *b, double v); /* 8 raw bytes, bits kept */
/* s[0..n-1] in double quotes, for messages: control and malformed bytes as
 * \xNN, after limit bytes "..." and the full length. */
void buf_quote(struct buf *b, const char *s, size_t n, size_t limit);
char *buf_take(struct buf *b); /* the text; caller frees, b is empty */

#endif
