/* Compiled as one. The crew and its wire. */
#define _GNU_SOURCE
#include "proc/cores.c"
#include "proc/crew.c"
#include "proc/crew_child.c"
#include "proc/crew_jobs.c"
#include "proc/crew_receive.c"
#include "proc/crew_send.c"
#include "proc/crew_watch.c"
#include "proc/fence.c"
#include "proc/wire.c"
