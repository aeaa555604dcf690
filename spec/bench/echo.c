/* The floor of handing work to another process: a message there and back.
 *
 *     echo TRIPS ROUNDS
 *
 * One SOCK_SEQPACKET pair, a child that sends back what it gets, messages of
 * 256 bytes, one under way at a time. Prints wall seconds and CPU seconds (both
 * processes) of each round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BYTES = 256 };

static double wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu(int who) {
    struct rusage use;
    getrusage(who, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

static void answer(int fd) {
    char message[BYTES];
    ssize_t n;
    while ((n = recv(fd, message, sizeof message, 0)) > 0)
        if (send(fd, message, (size_t)n, 0) != n)
            break;
    _exit(0);
}

static void ask(int fd, int trips) {
    char message[BYTES] = {0};
    for (int i = 0; i < trips; i++)
        if (send(fd, message, sizeof message, 0) != BYTES ||
            recv(fd, message, sizeof message, 0) != BYTES) {
            perror("echo");
            exit(1);
        }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: echo TRIPS ROUNDS\n", stderr);
        return 2;
    }
    for (int round = 0; round < atoi(argv[2]); round++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
            return 1;
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            close(pair[0]);
            answer(pair[1]);
        }
        close(pair[1]);
        ask(pair[0], 100);
        double used = cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN);
        double start = wall();
        ask(pair[0], atoi(argv[1]));
        double took = wall() - start;
        close(pair[0]);
        waitpid(pid, NULL, 0);
        used = cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN) - used;
        printf("wall %.9f cpu %.6f\n", took, used);
    }
    return 0;
}
