/* The fence: a worker behind it evaluates, and can do nothing else. */
#define _GNU_SOURCE /* prlimit */
#include "proc/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef __SANITIZE_ADDRESS__
enum { HAS_FENCE = 0 };
#else
enum { HAS_FENCE = 1 };
#endif

static char path[] = "/tmp/backlua_fence_XXXXXX";
static pid_t parent; /* of the worker: it cannot ask behind the fence */

static int execute(void) {
    char name[] = "true";
    return execv("/bin/true", (char *[]){name, NULL});
}

/* What a script must not do; each gives -1 and EPERM. */
static void forbidden(struct buf *reply) {
    struct rlimit cpu;
    struct {
        const char *name;
        long result;
    } tries[] = {
        {"open", open("/etc/passwd", O_RDONLY)},
        {"create", creat(path, 0600)},
        {"unlink", unlink(path)},
        {"rename", rename(path, "/tmp/backlua_fence_moved")},
        {"mkdir", mkdir("/tmp/backlua_fence_dir", 0700)},
        {"chmod", chmod(path, 0777)},
        {"socket", socket(AF_INET, SOCK_STREAM, 0)},
        {"pair", socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0, 0})},
        {"fork", fork()},
        {"exec", execute()},
        {"kill", kill(getpid(), 0)},
        {"signal", syscall(SYS_tgkill, parent, parent, 0)},
        {"limits", prlimit(parent, RLIMIT_CPU, NULL, &cpu)},
        {"ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL)},
        {"chdir", chdir("/")},
        {"dup", dup(0)},
        {"directory", syscall(SYS_getdents64, 0, NULL, 0)},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        if (tries[i].result != -1)
            buf_printf(reply, "%s ", tries[i].name);
}

/* What an evaluation needs. */
static void needed(struct buf *reply) {
    struct timespec t;
    void *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *heap = malloc(64 << 20);
    bool ok = page != MAP_FAILED && heap &&
              mprotect(page, 1 << 20, PROT_READ | PROT_EXEC) == 0 &&
              munmap(page, 1 << 20) == 0 &&
              clock_gettime(CLOCK_MONOTONIC, &t) == 0 &&
              signal(SIGINT, SIG_IGN) != SIG_ERR && write(2, "said", 4) == 4;
    if (heap)
        memset(heap, 1, 64 << 20);
    free(heap);
    buf_str(reply, ok ? "ok" : "lacking");
}

static void work(void *ctx, const char *job, size_t n, struct buf *reply,
                 volatile int64_t *beat) {
    (void)ctx;
    (void)n;
    ++*beat;
    if (job[0] == 'f')
        forbidden(reply);
    else if (job[0] == 'n')
        needed(reply);
    else if (job[0] == 'o')
        buf_str(reply, open(path, O_RDONLY) >= 0 ? "opened" : "refused");
    else
        abort();
}

static struct crew_result answer(struct crew *c, const char *job) {
    struct crew_result r = {.ticket = -1};
    bool got = false;
    assert_int_equal(crew_submit(c, 1, job, 1), BT_OK);
    while (!got)
        assert_int_equal(crew_poll(c, 10, &r, &got), BT_OK);
    return r;
}

static struct crew *start(bool fenced) {
    parent = getpid();
    struct crew *c = crew_new(1);
    struct crew_limits limits = {.fenced = fenced};
    assert_int_equal(crew_prepare(c, fenced ? "in" : "out", work, NULL, limits),
                     BT_OK);
    return c;
}

static void expect(const struct crew_result *r, const char *text) {
    assert_int_equal(r->event, CREW_REPLY);
    assert_int_equal(r->reply_len, strlen(text));
    assert_memory_equal(r->reply, text, r->reply_len);
}

static void behind_it_nothing_but_evaluation_works(void **state) {
    (void)state;
    struct crew *c = start(true);
    struct crew_result r = answer(c, "n");
    expect(&r, "ok");
    assert_int_equal(crew_is_fenced(c), HAS_FENCE);
    struct stat there;
    if (HAS_FENCE) {
        r = answer(c, "f");
        expect(&r, "");
    }
    assert_int_equal(stat(path, &there), 0);
    crew_close(c);
}

static void a_death_behind_it_still_names_its_signal(void **state) {
    (void)state;
    struct crew *c = start(true);
    struct crew_result r = answer(c, "a");
    assert_int_equal(r.event, CREW_CRASHED);
    assert_int_equal(r.signal, SIGABRT);
    crew_close(c);
}

static void a_crew_that_asks_for_none_has_none(void **state) {
    (void)state;
    struct crew *c = start(false);
    struct crew_result r = answer(c, "o");
    expect(&r, "opened");
    assert_false(crew_is_fenced(c));
    crew_close(c);
}

static int make_file(void **state) {
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state) {
    (void)state;
    unlink(path);
    unlink("/tmp/backlua_fence_moved");
    rmdir("/tmp/backlua_fence_dir");
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_it_nothing_but_evaluation_works),
        cmocka_unit_test(a_death_behind_it_still_names_its_signal),
        cmocka_unit_test(a_crew_that_asks_for_none_has_none),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
