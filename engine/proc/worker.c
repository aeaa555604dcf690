/* The one fork of the tree.
 *
 * The parent is single-threaded, so the child starts with a consistent copy of
 * everything: Lua state, mapped bundles, compiled traces. What it must not keep
 * is the parent's business with the outside: its first act is to close every
 * descriptor but its socket (and a pipe that replaces stdout and stderr), so it
 * cannot hold the study's lock, write the study's file or speak on the
 * terminal.
 *
 * Then it ties its life to the parent's, leaves the terminal's process group,
 * takes limits an ordinary user may set, and asks to be the kernel's first
 * choice when memory runs out. It leaves by _exit: exit handlers and finalizers
 * belong to the parent.
 *
 * Cost: about 0.1 ms when the data is in shared mappings.
 */
#define _GNU_SOURCE /* pipe2, close_range */
#include "proc/worker.h"

#include "base/interrupt.h"
#include "base/mem.h"
#include "base/recent.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_FREE = 3, CHILD_FILES = 8, OUTPUT_PIECE = 4096 };
/* Bytes of replies that wait for a parent that is busy. */
enum { SEND_ROOM = 1 << 20 };
#ifndef __SANITIZE_ADDRESS__        /* shadow memory does not fit */
#define MEMORY_LEAST (640 * 0x1p20) /* Lua heap 512 MiB, rest 128 MiB */
#endif

/* ---- the child's prologue --------------------------------------------------
 */

static void die_with_parent(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(0);
}

static void close_between(unsigned first, unsigned last) {
    if (first > last || close_range(first, last, 0) == 0)
        return;
    long limit = sysconf(_SC_OPEN_MAX); /* kernels before 5.9 */
    for (long fd = (long)first; fd < limit && fd <= (long)last; fd++)
        close((int)fd);
}

static void close_all_but(int a, int b) {
    unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);
    close_between(FIRST_FREE, low - 1);
    close_between(low + 1, high - 1);
    close_between(high + 1, ~0U);
}

/* The worker's end of the pipe that it writes its output to. */
static int own_output = -1;

/* Keep socket and pipe, close the rest; returns the socket, -1 on failure, with
 * a line that says why in the pipe. Both get numbers that were free in the
 * parent: a file the parent had open may be closed once more when Lua collects
 * it here, and must not take them along. */
static int keep_descriptors(int socket, const int pipe_ends[2]) {
    __fpurge(stdout); /* the parent's unwritten text is the parent's */
    if (dup2(pipe_ends[1], STDOUT_FILENO) < 0 ||
        dup2(pipe_ends[1], STDERR_FILENO) < 0)
        return -1;
    int own = fcntl(socket, F_DUPFD, FIRST_FREE);
    own_output = fcntl(pipe_ends[0], F_DUPFD, FIRST_FREE);
    int null = open("/dev/null", O_RDWR);
    if (own < 0 || own_output < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0) {
        perror(null < 0 ? "/dev/null" : "descriptors");
        return -1;
    }
    close_all_but(own, own_output);
    return own;
}

/* A terminal signals its whole group: the parent decides about Ctrl-C. A fault
 * has to kill, whatever handler the parent has for its own: the parent reads
 * the signal from the corpse. */
static void set_signals(void) {
    static const int deadly[] = {SIGTERM, SIGSEGV, SIGBUS, SIGILL,  SIGABRT,
                                 SIGFPE,  SIGTRAP, SIGSYS, SIGXCPU, SIGXFSZ};
    sigset_t none;
    setpgid(0, 0);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        signal(deadly[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    interrupt_signal = 0;
}

static void limit(int resource, rlim_t value) {
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
        return;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
        value = now.rlim_max;
    setrlimit(resource, &(struct rlimit){value, value});
}

#ifdef MEMORY_LEAST
/* Private writable memory inherited from the parent, in bytes. */
static uint64_t inherited_memory(void) {
    char text[256];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    char *at = text;
    unsigned long pages = 0;
    for (int field = 0; field < 6; field++) /* the 6th is data + stack */
        pages = strtoul(at, &at, 10);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The least is what Lua may take; the engine may take all (base/mem.c). */
static void limit_memory(double most) {
    uint64_t inherited = inherited_memory();
    struct rlimit now;
    limit(RLIMIT_DATA, inherited + (uint64_t)fmax(most, MEMORY_LEAST));
    if (getrlimit(RLIMIT_DATA, &now) == 0) {
        now.rlim_cur = inherited + (uint64_t)MEMORY_LEAST;
        if (now.rlim_cur < now.rlim_max)
            setrlimit(RLIMIT_DATA, &now);
        mem_may_raise_limit();
    }
}
#else
static void limit_memory(double most) {
    (void)most;
}
#endif

static void prefer_as_victim(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t ignored = write(fd, "500", 3);
    (void)ignored; /* a courtesy of the kernel, not a need */
    close(fd);
}

static void limit_itself(double memory) {
    prefer_as_victim();
    limit_memory(memory);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, CHILD_FILES);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void live(pid_t parent, int socket, const int pipe_ends[2],
                 worker_main run, void *arg, double memory)
    __attribute__((noreturn));

static void live(pid_t parent, int socket, const int pipe_ends[2],
                 worker_main run, void *arg, double memory) {
    int own = keep_descriptors(socket, pipe_ends);
    if (own < 0)
        _exit(1);
    die_with_parent(parent);
    set_signals();
    limit_itself(memory);
    run(own, arg);
    _exit(0);
}

/* ---- the parent ------------------------------------------------------------
 */

#ifdef BT_CHECK
#include <dirent.h>

/* A lock held by another thread at the fork would stay held in the child. */
static void check_single_thread(void) {
    int tasks = 0;
    DIR *d = opendir("/proc/self/task");
    while (d && readdir(d))
        tasks++;
    if (d)
        closedir(d);
    if (d && tasks != 3) { /* ".", ".." and the one */
        fprintf(stderr, "fork with %d threads\n", tasks - 2);
        abort();
    }
}
#endif

static void close_pair(const int fd[2]) {
    close(fd[0]);
    close(fd[1]);
}

static bt_status open_channels(int sockets[2], int pipe_ends[2]) {
    const char *remedy = "close files or raise `ulimit -n`";
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return fail_errno("no socket for a worker (%s)", remedy);
    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        bt_status status = fail_errno("no pipe for a worker (%s)", remedy);
        close_pair(sockets);
        return status;
    }
    fcntl(sockets[0], F_SETFL, O_NONBLOCK);
    int room = SEND_ROOM; /* as far as the system lets us */
    setsockopt(sockets[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return BT_OK;
}

bt_status worker_fork(struct worker *out, worker_main run, void *arg,
                      double memory) {
    int sockets[2] = {-1, -1}, pipe_ends[2] = {-1, -1};
    TRY(open_channels(sockets, pipe_ends));
#ifdef BT_CHECK
    check_single_thread();
#endif
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        live(parent, sockets[1], pipe_ends, run, arg, memory);
    if (pid < 0) {
        bt_status status = fail_errno(
            "cannot fork a worker (use a smaller -j or raise `ulimit -u`)");
        close_pair(sockets);
        close_pair(pipe_ends);
        return status;
    }
    close(sockets[1]);
    close(pipe_ends[1]);
    *out = (struct worker){pid, sockets[0], pipe_ends[0]};
    return BT_OK;
}

int worker_end(struct worker *w) {
    int status = 0;
    if (w->pid <= 0) /* 0 would mean the whole process group */
        return status;
    kill(w->pid, SIGKILL); /* without effect on one that is dead already */
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    recent_ended(w->pid);
    close(w->socket);
    close(w->output);
    *w = (struct worker){0, -1, -1};
    return status;
}

bool worker_is_stopped(const struct worker *w) {
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)w->pid, &info, WSTOPPED | WNOHANG | WNOWAIT) ==
               0 &&
           info.si_pid == w->pid;
}

static void read_all(int fd, struct buf *out) {
    char piece[OUTPUT_PIECE];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0)
        buf_add(out, piece, (size_t)n);
}

void worker_last_line(const struct worker *w, char *out, size_t n) {
    struct buf text;
    buf_init(&text);
    read_all(w->output, &text);
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    const char *line = strrchr(text.data, '\n');
    line = line ? line + 1 : text.data;
    snprintf(out, n, "%s", line);
    buf_fini(&text);
}

void worker_output(struct buf *out) {
    fflush(stdout);
    read_all(own_output, out);
}
