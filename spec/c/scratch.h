/* Where tests write: TMPDIR, which spec/run sets to a folder in memory. */
#ifndef SPEC_SCRATCH_H
#define SPEC_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>

enum { SCRATCH_TEXT = 128 };

/* A new folder, to be removed by whoever asks; NULL without one. */
static inline char *scratch_new(char out[SCRATCH_TEXT]) {
    const char *root = getenv("TMPDIR");
    snprintf(out, SCRATCH_TEXT, "%s/backlua-XXXXXX", root ? root : "/tmp");
    return mkdtemp(out);
}

#endif
