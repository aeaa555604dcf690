/* One forked worker: how it is born, what it may do, how it ends. */
#ifndef BT_PROC_WORKER_H
#define BT_PROC_WORKER_H

#include "backlua.h"
#include "base/buf.h"

#include <stdbool.h>

struct worker {
    int32_t pid;
    int socket; /* the parent's end, non-blocking */
    int output; /* what the worker wrote to stdout and stderr, non-blocking */
};

/* Called in the child, once; when it returns the child exits. */
typedef void (*worker_main)(int socket, void *arg);

/* memory: bytes of private memory that it may take beyond what it inherits, at
 * least 640 MiB. A script's heap has those, the rest is the engine's.
 * errors BT_E_IO with the system's reason. */
bt_status worker_fork(struct worker *out, worker_main run, void *arg,
                      double memory);
/* Kill, reap and close; returns the wait status it ended with. */
int worker_end(struct worker *w);
/* True while somebody holds it with SIGSTOP. */
bool worker_is_stopped(const struct worker *w);
/* Last line a worker wrote before it died, "" if none. Call before worker_end.
 */
void worker_last_line(const struct worker *w, char *out, size_t n);
/* In the child: take what it wrote to stdout and stderr since the last call. At
 * most 64 KiB are kept between calls, the rest is lost. */
void worker_output(struct buf *out);

#endif
