/* What compiled next() and pairs() call, with both of its results whole.
 *
 * Compiled code gets an index in eax and a pointer in rdx. Where its register
 * allocation wants them the other way round, the LuaJIT of Debian 12 emits
 * `xchg eax, edx` behind the call (one byte, 0x92), which cuts the pointer to
 * 32 bits: the process dies a few instructions on. Later LuaJITs put a prefix
 * before it. The program is linked with --wrap=lj_vm_next, so that the calls
 * arrive here: when that byte is what the call returns to, all 64 bits are
 * exchanged here and the byte is passed over.
 *
 * The callee writes into the caller's frame, relative to the stack pointer, so
 * it is jumped to, not called. It leaves r10 and r11 alone, and to the caller
 * they are lost in any call.
 */
#ifdef __x86_64__

void __wrap_lj_vm_next(void);

__attribute__((naked)) void __wrap_lj_vm_next(void) {
    __asm__("mov (%rsp), %r11\n\t"
            "cmpb $0x92, (%r11)\n\t"
            "jne __real_lj_vm_next\n\t"
            "inc %r11\n\t"
            "lea 1f(%rip), %r10\n\t"
            "mov %r10, (%rsp)\n\t"
            "jmp __real_lj_vm_next\n"
            "1:\txchg %rax, %rdx\n\t"
            "jmp *%r11");
}

#else

typedef int bt_no_wrap; /* an empty file is not C */

#endif
