/* The user asked to stop: set by a signal handler, polled by long loops. */
#ifndef BT_BASE_INTERRUPT_H
#define BT_BASE_INTERRUPT_H

#include <signal.h>

/* 0, or the number of the signal. Only a handler sets it; whoever has acted on
 * it (the prompt, say) clears it. */
extern volatile sig_atomic_t interrupt_signal;

#endif
