/* Lines by libedit.
 *
 * libedit's own reader is replaced by one that decodes UTF-8 and tells three
 * reasons to be woken apart: Ctrl-C (give up the line), a new window size (draw
 * again), coming back from Ctrl-Z (raw mode again, draw again).
 *
 * A paste is announced by the terminal (bracketed paste) and taken as one text,
 * line ends included, whatever is in it: nothing of it is a key. So pasted code
 * is one entry that waits for Enter, and one entry of the history.
 *
 * The character set of the process becomes UTF-8, since that is what the
 * program prints; numbers keep the C locale.
 */
#include "host/edit.h"

#include "base/interrupt.h"
#include "base/mem.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable()
#define __lsan_enable()
#endif

enum { HISTORY_SIZE = 1000, TAB_SPACES = 4 };

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
static const wchar_t PASTE_END[] = L"\033[201~";
enum { PASTE_END_LENGTH = sizeof PASTE_END / sizeof *PASTE_END - 1 };

struct edit {
    EditLine *el;
    History *history;
    const char *prompt;
    edit_complete complete;
    void *ctx;
};

static volatile sig_atomic_t resized, continued;

static struct edit *edit_of(EditLine *el) {
    struct edit *e = NULL;
    el_get(el, EL_CLIENTDATA, &e);
    return e;
}

/* ---- keys ---------------------------------------------------------------- */

static void on_window(int number) {
    if (number == SIGWINCH)
        resized = 1;
    else
        continued = 1;
}

static void redraw(EditLine *el) {
    if (resized)
        el_resize(el);
    if (continued) {
        el_set(el, EL_PREP_TERM, 1);
        el_set(el, EL_REFRESH);
    }
    resized = continued = 0;
}

/* 1 and a character, 0 at the end, -1 when a signal came that ends the line. */
static int read_key(EditLine *el, wchar_t *out) {
    mbstate_t state = {0};
    for (;;) {
        char byte;
        ssize_t n = interrupt_signal ? -1 : read(STDIN_FILENO, &byte, 1);
        if (n < 0 && !interrupt_signal && errno == EINTR) {
            redraw(el);
            continue;
        }
        if (n <= 0)
            return (int)n;
        size_t used = mbrtowc(out, &byte, 1, &state);
        if (used == (size_t)-2)
            continue; /* the first bytes of a character */
        if (used == (size_t)-1)
            *out = L'?';
        return 1;
    }
}

/* ---- paste --------------------------------------------------------------- */

struct wide {
    wchar_t *data;
    size_t len, cap;
};

static void wide_add(struct wide *w, wchar_t c) {
    w->data = mem_grow(w->data, w->len, &w->cap, sizeof *w->data);
    w->data[w->len++] = c;
}

/* Line ends become LF, tabs spaces, other control characters nothing. */
static void wide_add_clean(struct wide *w, wchar_t c, wchar_t before) {
    if (c == L'\r' || (c == L'\n' && before != L'\r'))
        wide_add(w, L'\n');
    else if (c == L'\t')
        for (int i = 0; i < TAB_SPACES; i++)
            wide_add(w, L' ');
    else if (c >= L' ' && c != 0x7f)
        wide_add(w, c);
}

static bool ends_paste(const struct wide *raw) {
    return raw->len >= PASTE_END_LENGTH &&
           wmemcmp(raw->data + raw->len - PASTE_END_LENGTH, PASTE_END,
                   PASTE_END_LENGTH) == 0;
}

static unsigned char paste(EditLine *el, int key) {
    struct wide raw = {0}, clean = {0};
    wchar_t c = 0;
    (void)key;
    while (!ends_paste(&raw) && el_wgetc(el, &c) == 1)
        wide_add(&raw, c);
    if (ends_paste(&raw))
        raw.len -= PASTE_END_LENGTH;
    for (size_t i = 0; i < raw.len; i++)
        wide_add_clean(&clean, raw.data[i], i > 0 ? raw.data[i - 1] : 0);
    while (clean.len > 0 && clean.data[clean.len - 1] == L'\n')
        clean.len--; /* Enter is the person's */
    wide_add(&clean, L'\0');
    int failed = el_winsertstr(el, clean.data);
    free(raw.data);
    free(clean.data);
    return failed ? CC_ERROR : CC_REFRESH;
}

/* ---- completion ---------------------------------------------------------- */

static unsigned char complete(EditLine *el, int key) {
    struct edit *e = edit_of(el);
    const LineInfo *line = el_line(el);
    struct buf insert, show;
    unsigned char answer = CC_REFRESH;
    (void)key;
    buf_init(&insert);
    buf_init(&show);
    e->complete(e->ctx, line->buffer, (size_t)(line->cursor - line->buffer),
                &insert, &show);
    if (insert.len > 0 && el_insertstr(el, insert.data) != 0)
        answer = CC_ERROR;
    if (show.len > 0) {
        printf("\n%s\n", show.data);
        fflush(stdout);
        answer = CC_REDISPLAY;
    } else if (insert.len == 0) {
        answer = CC_REFRESH_BEEP;
    }
    buf_fini(&insert);
    buf_fini(&show);
    return answer;
}

/* ---- the editor ---------------------------------------------------------- */

static char *prompt_of(EditLine *el) {
    return (char *)edit_of(el)->prompt;
}

static void bind_keys(EditLine *el) {
    static const char *const keys[][2] = {
        {"^I", "bl-complete"},        {"\\e[200~", "bl-paste"},
        {"^R", "em-inc-search-prev"}, {"\\e[3~", "ed-delete-next-char"},
        {"\\e[H", "ed-move-to-beg"},  {"\\e[F", "ed-move-to-end"},
        {"\\e[1~", "ed-move-to-beg"}, {"\\e[4~", "ed-move-to-end"},
        {"\\e[1;5C", "em-next-word"}, {"\\e[1;5D", "ed-prev-word"},
    };
    __lsan_disable(); /* libedit never frees the names of functions */
    el_set(el, EL_ADDFN, "bl-complete", "complete the word", complete);
    el_set(el, EL_ADDFN, "bl-paste", "take a paste as text", paste);
    __lsan_enable();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        el_set(el, EL_BIND, keys[i][0], keys[i][1], NULL);
}

static void set_up(struct edit *e) {
    HistEvent event;
    el_set(e->el, EL_CLIENTDATA, e);
    el_set(e->el, EL_EDITOR, "emacs");
    el_set(e->el, EL_PROMPT, prompt_of);
    el_set(e->el, EL_GETCFN, read_key);
    el_set(e->el, EL_SIGNAL, 0);
    history(e->history, &event, H_SETSIZE, HISTORY_SIZE);
    el_set(e->el, EL_HIST, history, e->history);
    bind_keys(e->el);
    el_source(e->el, NULL); /* the person's own .editrc has the last word */
}

static void watch_window(void) {
    struct sigaction action = {.sa_handler = on_window};
    sigemptyset(&action.sa_mask);
    sigaction(SIGWINCH, &action, NULL);
    sigaction(SIGCONT, &action, NULL);
}

struct edit *edit_open(edit_complete completer, void *ctx) {
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "");
    EditLine *el = el_init("backlua", stdin, stdout, stderr);
    History *h = history_init();
    if (el == NULL || h == NULL) {
        if (el != NULL)
            el_end(el);
        if (h != NULL)
            history_end(h);
        return NULL;
    }
    struct edit *e = mem_zalloc(1, sizeof *e);
    *e = (struct edit){.el = el,
                       .history = h,
                       .prompt = "",
                       .complete = completer,
                       .ctx = ctx};
    set_up(e);
    watch_window();
    return e;
}

void edit_close(struct edit *e) {
    el_end(e->el);
    history_end(e->history);
    free(e);
}

static void put(const char *text) {
    fputs(text, stdout);
    fflush(stdout);
}

/* A terminal without control sequences announces no paste. */
static void announce_pastes(const char *sequence) {
    const char *term = getenv("TERM");
    if (term != NULL && strcmp(term, "dumb") != 0)
        put(sequence);
}

enum edit_event edit_read(struct edit *e, const char *prompt, struct buf *out) {
    int n = 0;
    e->prompt = prompt;
    announce_pastes(PASTE_ON);
    const char *line = el_gets(e->el, &n);
    announce_pastes(PASTE_OFF);
    if (interrupt_signal || line == NULL || n <= 0) {
        put("\n");
        return interrupt_signal == SIGINT ? EDIT_INTERRUPT : EDIT_END;
    }
    size_t length = strlen(line);
    if (length > 0 && line[length - 1] == '\n')
        length--;
    buf_add(out, line, length);
    return EDIT_LINE;
}

static void forget(History *h, const char *text) {
    HistEvent event;
    for (int more = history(h, &event, H_FIRST); more == 0;
         more = history(h, &event, H_NEXT))
        if (strcmp(event.str, text) == 0) {
            if (history(h, &event, H_DEL, event.num) == 0)
                free((char *)event.str); /* a copy, which is ours */
            return;
        }
}

void edit_remember(struct edit *e, const char *text) {
    HistEvent event;
    forget(e->history, text);
    history(e->history, &event, H_ENTER, text);
}

#define TEXT_OF(number) #number
#define VERSION_OF(major, minor) TEXT_OF(major) "." TEXT_OF(minor)

const char *edit_version(void) {
    return "libedit " VERSION_OF(LIBEDIT_MAJOR, LIBEDIT_MINOR);
}
