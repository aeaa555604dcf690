/* Starts two commands in turn and tells what each start took.
 *
 *     launch ROUNDS COMMAND ARG... -- COMMAND ARG...
 *
 * A line per round: wall seconds, CPU seconds (user and system, with all that
 * it waited for) and peak resident kilobytes of the first, then of the second.
 * Their output goes to /dev/null; one that fails ends the measurement.
 *
 * With BENCH_UNTIL in the environment the first command has a terminal, and
 * its clock stops when it has written that text there, which is its end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static void child(char **command, int terminal, int null) {
    setsid(); /* the terminal opened next is its own */
    int fd = terminal < 0 ? null : open(ptsname(terminal), O_RDWR);
    dup2(fd, STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    execvp(command[0], command);
    fprintf(stderr, "launch: %s: %s\n", command[0], strerror(errno));
    _exit(127);
}

static double cpu_of(const struct rusage *use) {
    return seconds(use->ru_utime) + seconds(use->ru_stime);
}

/* CPU of the orphans, until there are none. */
static double reap(void) {
    double cpu = 0;
    struct rusage use;
    while (wait4(-1, NULL, 0, &use) > 0)
        cpu += cpu_of(&use);
    return cpu;
}

static int open_terminal(void) {
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0) {
        fprintf(stderr, "launch: no terminal: %s\n", strerror(errno));
        exit(1);
    }
    return fd;
}

/* Read what a terminal shows until it shows a text; that moment. */
static double shown(int terminal, const char *text) {
    char seen[4096] = "";
    size_t n = 0;
    while (!memmem(seen, n, text, strlen(text))) {
        ssize_t got = read(terminal, seen + n, sizeof seen - n);
        if (got <= 0) {
            fprintf(stderr, "launch: it never wrote '%s'\n", text);
            exit(1);
        }
        n += (size_t)got;
    }
    return now();
}

/* until: text that the command's terminal shows in the end, or NULL. */
static void start(char **command, const char *until, int null) {
    const char *before = getenv("BENCH_BEFORE"); /* a shell command, untimed */
    if (before && system(before) != 0) {
        fprintf(stderr, "launch: %s failed\n", before);
        exit(1);
    }
    int terminal = until ? open_terminal() : -1;
    double begin = now();
    pid_t pid = fork();
    if (pid == 0)
        child(command, terminal, null);
    double end = 0;
    if (until && pid > 0) {
        end = shown(terminal, until);
        kill(pid, SIGKILL);
    }
    int status = 0;
    struct rusage use;
    if (pid < 0 || wait4(pid, &status, 0, &use) != pid ||
        (status != 0 && !until)) {
        fprintf(stderr, "launch: %s failed with status %d\n", command[0],
                status);
        exit(1);
    }
    double wall = (until ? end : now()) - begin;
    if (until)
        close(terminal);
    printf("%.9f %.6f %ld ", wall, cpu_of(&use) + reap(), use.ru_maxrss);
}

int main(int argc, char **argv) {
    char **second = NULL;
    for (int i = 2; i < argc && !second; i++)
        if (strcmp(argv[i], "--") == 0) {
            argv[i] = NULL;
            second = argv + i + 1;
        }
    if (!second || !*second) {
        fputs("usage: launch ROUNDS COMMAND ARG... -- COMMAND ARG...\n",
              stderr);
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int round = 0; round < atoi(argv[1]); round++) {
        start(argv + 2, getenv("BENCH_UNTIL"), null);
        start(second, NULL, null);
        putchar('\n');
    }
    return 0;
}
