/* Cancelling an evaluation, as far as LuaJIT lets itself be stopped.
 *
 * The first Ctrl-C sets the flag that our own long loops poll (a backtest stops
 * at its next bar, an optimisation drains) and arms a hook, which raises. The
 * interpreter obeys hooks, compiled code does not: what is typed at the prompt
 * is therefore interpreted, with the files it requires and with strategies that
 * have a while, a repeat, a goto or a `for` that is written to go very far
 * (lua/backlua/repl/open_loops.lua). What may still withstand is a strategy's
 * `for` with a huge limit that is computed, or tail calls without end, and what
 * was typed after `.jit on`. For that, a second Ctrl-C within two seconds gives
 * the signal its usual effect back, and says so; the third one ends the
 * program.
 *
 * The hook waits a moment before it raises, and again before it raises anew:
 * code that polls the flag ends in its own good way, and code that cleans up
 * after an error gets to its end. A loop around pcall swallows such errors;
 * after the third one every instruction raises, until none is left to catch it.
 */
#include "host/cancel.h"

#include "base/clock.h"
#include "base/interrupt.h"

#include <errno.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

enum { INSTRUCTIONS = 100 }; /* between two looks at the clock */
enum { SWALLOWED_MAX = 3 };  /* errors; then no more patience */

static const double PATIENCE_SECONDS = 0.05; /* before the hook raises */
static const double IN_A_ROW_SECONDS = 2;    /* second Ctrl-C: last warning */

static lua_State *volatile evaluating;
static double raise_at;   /* when the hook may raise next */
static double pressed_at; /* of the Ctrl-C before */
static int raised;        /* how often in this evaluation */
static const char KEY;    /* in the registry: what is raised */

static void stop(lua_State *L, lua_Debug *ar) {
    (void)ar;
    double now = clock_monotonic();
    bool early = now < raise_at && raised < SWALLOWED_MAX;
    if (!early || interrupt_polled)
        raise_at = now + PATIENCE_SECONDS;
    if (early || interrupt_polled)
        return;
    if (++raised == SWALLOWED_MAX)
        lua_sethook(L, stop, LUA_MASKCOUNT, 1);
    lua_pushlightuserdata(L, (void *)&KEY);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_error(L);
}

/* Who was interrupted may be about to read errno. */
static void say(const char *text, size_t n) {
    int before = errno;
    ssize_t ignored = write(STDERR_FILENO, text, n);
    (void)ignored;
    errno = before;
}

static void arm(lua_State *L, double now) {
    pressed_at = now;
    raise_at = now + PATIENCE_SECONDS;
    lua_sethook(L, stop, LUA_MASKCOUNT, INSTRUCTIONS);
}

static void on_interrupt(int number) {
    static const char warning[] =
        "\nstill running; press Ctrl-C once more to end backlua\n";
    lua_State *L = evaluating;
    double now = clock_monotonic();
    bool again = interrupt_signal == number;
    interrupt_signal = number;
    if (L == NULL)
        return;
    if (again && now - pressed_at < IN_A_ROW_SECONDS) {
        say(warning, sizeof warning - 1);
        signal(number, SIG_DFL);
        return;
    }
    arm(L, now);
}

void cancel_watch(void) {
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

void cancel_forget(void) {
    if (interrupt_signal == SIGINT)
        interrupt_signal = 0;
}

void cancel_begin(lua_State *L) {
    lua_pushlightuserdata(L, (void *)&KEY);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
    raised = 0;
    evaluating = L;
    if (interrupt_signal == SIGINT) /* since the line was read */
        arm(L, clock_monotonic());
}

void cancel_end(lua_State *L) {
    evaluating = NULL;
    lua_sethook(L, NULL, 0, 0);
    cancel_forget();
    cancel_watch(); /* the warning may have taken it away */
}
