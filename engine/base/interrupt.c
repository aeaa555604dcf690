/* A flag of its own file, so that a handler in host/ and a loop in sim/ share
 * it without knowing each other. */
#include "base/interrupt.h"

volatile sig_atomic_t interrupt_signal;
volatile sig_atomic_t interrupt_polled;
