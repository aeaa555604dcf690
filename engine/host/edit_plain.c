/* Lines without an editor (EDIT=none): what the terminal itself offers, which
 * is erasing. No history, no completion; a paste comes line by line. */
#include "host/edit.h"

#include "base/interrupt.h"
#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct edit {
    char *line;
    size_t cap;
};

struct edit *edit_open(edit_complete complete, void *ctx) {
    (void)complete;
    (void)ctx;
    return mem_zalloc(1, sizeof(struct edit));
}

void edit_close(struct edit *e) {
    free(e->line);
    free(e);
}

enum edit_event edit_read(struct edit *e, const char *prompt, struct buf *out) {
    fputs(prompt, stdout);
    fflush(stdout);
    ssize_t n = getline(&e->line, &e->cap, stdin);
    if (n < 0) {
        clearerr(stdin);
        putchar('\n');
        return interrupt_signal == SIGINT ? EDIT_INTERRUPT : EDIT_END;
    }
    buf_add(out, e->line, (size_t)n - (e->line[n - 1] == '\n'));
    return EDIT_LINE;
}

void edit_remember(struct edit *e, const char *text) {
    (void)e;
    (void)text;
}

const char *edit_version(void) {
    return "no line editor";
}
