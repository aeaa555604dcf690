/* Ctrl-C that ends an evaluation and not the program. */
#ifndef BT_HOST_CANCEL_H
#define BT_HOST_CANCEL_H

#include <lua.h>

/* From here on SIGINT sets interrupt_signal and nothing else: somebody sits at
 * a prompt. */
void cancel_watch(void);
/* A SIGINT that came has been acted on; other signals stay. */
void cancel_forget(void);
/* Between these two a SIGINT stops what L evaluates: cancel_begin pops the
 * value that is raised then. Not nested. cancel_end clears interrupt_signal
 * when it was a SIGINT. */
void cancel_begin(lua_State *L);
void cancel_end(lua_State *L);

#endif
