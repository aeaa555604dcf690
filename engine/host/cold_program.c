/* Compiled as one. The prompt, and its Ctrl-C: in the program alone. */
#include "host/cancel.c"
#include "host/prompt_lua.c"
