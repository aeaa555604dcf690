/* Starts two commands in turn and tells what each start took.
 *
 *     launch ROUNDS COMMAND ARG... -- COMMAND ARG...
 *
 * A line per round: wall seconds, CPU seconds (user and system, with all that
 * it waited for) and peak resident kilobytes of the first, then of the second.
 * Their output goes to /dev/null; one that fails ends the measurement.
 */
#include <errno.h>
#include <fcntl.h>
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

static void child(char **command, int null) {
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
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

static void start(char **command, int null) {
    const char *before = getenv("BENCH_BEFORE"); /* a shell command, untimed */
    if (before && system(before) != 0) {
        fprintf(stderr, "launch: %s failed\n", before);
        exit(1);
    }
    double begin = now();
    pid_t pid = fork();
    if (pid == 0)
        child(command, null);
    int status = 0;
    struct rusage use;
    if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0) {
        fprintf(stderr, "launch: %s failed with status %d\n", command[0],
                status);
        exit(1);
    }
    double wall = now() - begin;
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
        start(argv + 2, null);
        start(second, null);
        putchar('\n');
    }
    return 0;
}
