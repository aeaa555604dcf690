/* The floor of reading a text file: find each line's end with memchr.
 *
 *     newline FILE ROUNDS
 *
 * Prints the lines of the file, then CPU seconds of each round: read() into a
 * buffer of 1 MiB and search it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 20];

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static long count_lines(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        perror(path);
        exit(1);
    }
    long lines = 0;
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        for (const char *p = buffer, *end = buffer + n;
             (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
            lines++;
    close(fd);
    return lines;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: newline FILE ROUNDS\n", stderr);
        return 2;
    }
    printf("lines %ld\n", count_lines(argv[1]));
    for (int round = 0; round < atoi(argv[2]); round++) {
        double start = cpu_seconds();
        count_lines(argv[1]);
        printf("seconds %.9f\n", cpu_seconds() - start);
    }
    return 0;
}
