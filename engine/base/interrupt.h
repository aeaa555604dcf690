/* The user asked to stop: set by a signal handler, polled by long loops. */
#ifndef BT_BASE_INTERRUPT_H
#define BT_BASE_INTERRUPT_H

#include <signal.h>

/* 0, or the number of the signal. Only a handler sets it; whoever has acted on
 * it (the prompt, say) clears it. */
extern volatile sig_atomic_t interrupt_signal;
/* Above 0: what runs looks at the flag by itself and ends in its own way. */
extern volatile sig_atomic_t interrupt_polled;

#endif
