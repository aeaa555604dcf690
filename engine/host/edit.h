/* A text from a person at a terminal: editing, history, completion, paste.
 *
 * One of two files is linked: edit.c (libedit) or, with EDIT=none, edit_plain.c
 * (whatever the terminal itself offers).
 */
#ifndef BT_HOST_EDIT_H
#define BT_HOST_EDIT_H

#include "base/buf.h"

struct edit;

enum edit_event {
    EDIT_LINE,      /* text is there, without the final line end */
    EDIT_END,       /* Ctrl-D on an empty line, end of the input, or a signal
                       other than SIGINT */
    EDIT_INTERRUPT, /* Ctrl-C: what was typed is dropped */
};

/* What Tab does: text[0..n-1] stands before the cursor. insert gets what is to
 * be added to it, show what is to be printed below; both may stay empty. */
typedef void (*edit_complete)(void *ctx, const char *text, size_t n,
                              struct buf *insert, struct buf *show);

/* Name and version of the editor that was compiled in. */
const char *edit_version(void);

/* NULL when the terminal cannot be used. ctx is borrowed as long as it is open.
 */
struct edit *edit_open(edit_complete complete, void *ctx);
void edit_close(struct edit *e);
/* Ask for a text after the prompt. It may hold line ends: a paste does, and an
 * entry of the history. */
enum edit_event edit_read(struct edit *e, const char *prompt, struct buf *out);
/* The newest entry of the history; an older one of the same text goes. */
void edit_remember(struct edit *e, const char *text);

#endif
