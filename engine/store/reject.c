/* What is wrong with a row, in one line: file, line, column, value, reason. */
#include "store/reject.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void rejects_init(struct rejects *r) {
    memset(r, 0, sizeof *r);
}

void rejects_fini(struct rejects *r) {
    for (int i = 0; i < r->kept; i++)
        free(r->list[i].text);
    memset(r, 0, sizeof *r);
}

static bool is_control(char c) {
    return (unsigned char)c < ' ' || c == 127;
}

/* Printable: whatever stands in the file, a terminal can take it. */
static void add_value(struct buf *b, const char *value, size_t n) {
    size_t shown = n < REJECT_VALUE ? n : REJECT_VALUE;
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c < ' ' || c >= 127)
            buf_printf(b, "\\x%02x", c);
        else
            buf_chr(b, (char)c);
    }
    if (n > shown)
        buf_str(b, "...");
}

void rejects_add(struct rejects *r, uint32_t file, uint32_t line,
                 const char *where, const char *value, size_t n,
                 const char *why) {
    int at = r->kept;
    r->count++;
    while (at > 0 &&
           (r->list[at - 1].file > file ||
            (r->list[at - 1].file == file && r->list[at - 1].line > line)))
        at--;
    if (at == REJECT_KEPT)
        return;
    if (r->kept == REJECT_KEPT)
        free(r->list[--r->kept].text);
    memmove(&r->list[at + 1], &r->list[at],
            (size_t)(r->kept - at) * sizeof *r->list);
    struct buf b;
    buf_init(&b);
    for (; *where != '\0'; where++)
        buf_chr(&b, is_control(*where) ? '?' : *where);
    buf_str(&b, ", value '");
    add_value(&b, value, n);
    buf_printf(&b, "': %s", why);
    r->list[at] = (struct reject){file, line, buf_take(&b)};
    r->kept++;
}
