/* host/next.c: both results of lj_vm_next whole, when the code behind the call
 * exchanges their lower halves too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lauxlib.h>
#include <lua.h>

#ifdef __x86_64__

struct step {
    uint64_t pointer, index, value, key;
};

/* As compiled code calls: the callee may write at the top of our frame. What
 * stands behind the call is the exchange that LuaJIT emits, or nothing. */
#define CALLER(name, behind, pointer, index)                                   \
    void name(const void *table, uint32_t from, struct step *out);             \
    __asm__(".text\n" #name ":\n\t"                                            \
            "push %rbx\n\t"                                                    \
            "mov %rdx, %rbx\n\t"                                               \
            "sub $32, %rsp\n\t"                                                \
            "call lj_vm_next\n\t" behind "mov %" pointer ", (%rbx)\n\t"        \
            "mov %" index ", 8(%rbx)\n\t"                                      \
            "mov (%" pointer "), %r8\n\t"                                      \
            "mov %r8, 16(%rbx)\n\t"                                            \
            "mov 8(%" pointer "), %r8\n\t"                                     \
            "mov %r8, 24(%rbx)\n\t"                                            \
            "add $32, %rsp\n\t"                                                \
            "pop %rbx\n\t"                                                     \
            "ret")

CALLER(as_it_comes, "", "rax", "rdx");
CALLER(exchanged, ".byte 0x92\n\t", "rdx", "rax");

/* Every step of a walk over the table on top of the stack. */
static void walks_alike(lua_State *L, int entries) {
    const void *table = lua_topointer(L, -1);
    uint32_t at = 0;
    for (int i = 0; i < entries; i++) {
        struct step a = {0, 0, 0, 0}, b = {0, 0, 0, 0};
        as_it_comes(table, at, &a);
        exchanged(table, at, &b);
        assert_memory_equal(&a, &b, sizeof a);
        assert_true(a.index > at);
        at = (uint32_t)a.index;
    }
}

static void a_pointer_is_not_cut(void **state) {
    (void)state;
    lua_State *L = luaL_newstate();
    assert_int_equal(luaL_dostring(L, "return { x = 1, y = 2, z = 3 }"), 0);
    walks_alike(L, 3);
    assert_int_equal(luaL_dostring(L, "return { 5, 6, 7, 8, n = 4 }"), 0);
    walks_alike(L, 5);
    lua_close(L);
}

#else

static void a_pointer_is_not_cut(void **state) {
    (void)state;
    skip();
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_is_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
