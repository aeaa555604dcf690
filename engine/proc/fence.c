/* A seccomp filter: what evaluating a backtest needs, and nothing else.
 *
 * A list of numbers is compared one after the other; what is on it passes,
 * what is not fails with EPERM, so that a library that tries something optional
 * goes on without it. On the list: the worker's socket and pipe, memory (the
 * compiler of Lua needs mprotect), clocks, its own signals and limits, its end.
 * Not on it: opening a file, making a process, a socket or a thread. Signals
 * and limits are its own by their first argument: the same two calls would end
 * the parent, or any process of the user.
 *
 * The most frequent calls stand first. Cost: about 0.5 ms once, and some tens
 * of nanoseconds on each system call, of which an evaluation makes few.
 */
#include "proc/fence.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) /* its reports need calls of their own */
#elif defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#ifdef MACHINE

#define LOAD(field)                                                            \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, (what))
/* Pass when the number loaded is this one. */
#define PASS(call)                                                             \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),                     \
        ANSWER(SECCOMP_RET_ALLOW)
/* Answer when the number loaded is this one: pass if the first argument, a
 * process, is the one given. */
#define PASS_FOR(call, process)                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), LOAD(args[0]),      \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (process), 0, 1),                  \
        ANSWER(SECCOMP_RET_ALLOW), ANSWER(SECCOMP_RET_ERRNO | EPERM)

bool fence_raise(void) {
    struct sock_filter rules[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
        /* numbers of another machine's calls */
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        PASS(mprotect),
        PASS(sendto),
        PASS(recvfrom),
        PASS(mmap),
        PASS(munmap),
        PASS(mremap),
        PASS(madvise),
        PASS(brk),
        PASS(read),
        PASS(write),
        PASS(clock_gettime),
        PASS(gettimeofday),
        PASS(futex),
        PASS(getpid),
        PASS(gettid),
        PASS(getrandom),
        PASS(getrusage),
        PASS(rt_sigaction),
        PASS(rt_sigprocmask),
        PASS(rt_sigreturn),
        PASS(restart_syscall),
        PASS(exit),
        PASS(exit_group),
        PASS_FOR(prlimit64, 0),
        PASS_FOR(tgkill, (uint32_t)getpid()), /* abort() */
        ANSWER(SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

bool fence_raise(void) {
    return false;
}

#endif
