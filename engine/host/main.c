/* The program: argv to Lua, Lua's answer to an exit code.
 *
 * What the words mean is Lua's business (lua/backlua/cli/main.lua): commands,
 * scripts with arguments, -e and -. Here are only those parts that Lua cannot
 * do for itself: signals, standard descriptors, the state.
 *
 * Signals. The first SIGINT, SIGTERM or SIGHUP sets a flag that long loops
 * poll: a run stops at its next bar, an optimisation drains and saves. The
 * second one ends the process at once, and so does a single SIGTERM or SIGHUP
 * after a grace of 20 s: a strategy may loop for ever between two bars. SIGPIPE
 * and SIGXFSZ are ignored, so that a reader that goes away or a file that grows
 * past `ulimit -f` is a failed write, which names its path, and not the death
 * of a study.
 */
#include "base/interrupt.h"
#include "host/optimize_lua.h"
#include "host/prompt_lua.h"
#include "host/state.h"
#include "host/step_lua.h"
#include "proc/crew.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { GRACE_SECONDS = 20 };
enum { EXIT_IO = 4, EXIT_SIGNAL = 128, EXIT_INTERRUPT = EXIT_SIGNAL + SIGINT };

int luaopen_cjson(lua_State *L);

static void end_by(int number) {
    signal(number, SIG_DFL);
    raise(number);
}

static void on_signal(int number) {
    if (interrupt_signal != 0) {
        end_by(number);
        return;
    }
    interrupt_signal = number;
    if (number != SIGINT)
        alarm(GRACE_SECONDS);
}

static void on_alarm(int number) {
    (void)number;
    if (interrupt_signal != 0)
        end_by((int)interrupt_signal);
}

static void set_signals(void) {
    static const int handled[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++) {
        struct sigaction old;
        sigaction(handled[i], NULL, &old);
        if (old.sa_handler != SIG_IGN) /* nohup, background jobs */
            sigaction(handled[i], &action, NULL);
    }
    signal(SIGALRM, on_alarm);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* What one backtest gives back the next one takes again. Otherwise the arrays
 * of a long one, megabytes each, are unmapped at its end and their pages made
 * and cleared anew for the next: a third of its time over minutes. */
static void keep_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

/* A file opened later must not become descriptor 0, 1 or 2. Who closed the
 * standard output is told that the result went nowhere: nothing can be written.
 */
static void open_standard_descriptors(void) {
    static const int flags[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", flags[fd]) != fd)
            return;
}

static void push_args(lua_State *L, int argc, char **argv) {
    lua_createtable(L, argc, 1);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i);
    }
}

/* Call the function that module "backlua.cli.main" is with the words of argv.
 */
static int run(lua_State *L) {
    lua_getglobal(L, "require");
    lua_pushliteral(L, "backlua.cli.main");
    lua_call(L, 1, 1);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int run_protected(lua_State *L, int argc, char **argv) {
    lua_pushcfunction(L, run);
    push_args(L, argc, argv);
    if (lua_pcall(L, 1, 1, 0) == 0)
        return (int)lua_tointeger(L, -1);
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "backlua: %s\n", message != NULL ? message : "error");
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    open_standard_descriptors();
    set_signals();
    keep_memory();
    lua_State *L = state_new();
    if (L == NULL) {
        fputs("backlua: out of memory\n", stderr);
        return EXIT_IO;
    }
    state_preload(L, "cjson", luaopen_cjson);
    state_preload(L, "backlua.optimize_run", optimize_lua_open);
    state_preload(L, "backlua.step", step_lua_open);
    state_preload(L, "backlua.prompt", prompt_lua_open);
    int code = run_protected(L, argc, argv);
    crew_kill_all();
#ifdef __SANITIZE_ADDRESS__
    lua_close(L); /* else left to the system: taking a heap apart is slow */
#endif
    if (code == EXIT_INTERRUPT && interrupt_signal != 0)
        code = EXIT_SIGNAL + (int)interrupt_signal;
    return code;
}
