/* Texts that travel in the program: the Lua library, argparse, and the FFI
 * declarations. The build writes them (engine/tools/embed.lua).
 */
#ifndef BT_HOST_EMBEDDED_H
#define BT_HOST_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name;  /* module name: "backlua.view", "argparse" */
    const char *chunk; /* chunk name: "@backlua/view.lua" */
    const char *code;  /* bytecode of the LuaJIT that the build links */
    size_t length;
};

/* Sorted by name (strcmp); ends with a NULL name. */
extern const struct embedded embedded_files[];
extern const size_t embedded_count;

/* FFI declarations, from backlua.h. lua/backlua/ffi.lua reads them through
 * either linkage: the program or core.so. */
const char *bt_cdef(void);

#endif
