/* Four doubles at a time, in the compiler's own vectors: the same bits whatever
 * the width of the machine's registers, since lane-wise sums have one order. */
#ifndef BT_BASE_LANES_H
#define BT_BASE_LANES_H

#include <stdint.h>
#include <string.h>

enum { LANES = 4 };
typedef double lanes __attribute__((vector_size(32), aligned(8), may_alias));
/* Of a comparison: -1 in the lanes where it holds, else 0. */
typedef int64_t lanes_mask __attribute__((vector_size(32), aligned(8)));

typedef int64_t lanes_words __attribute__((vector_size(32)));

/* A second version for machines with AVX2, chosen when the program starts. No
 * operation is fused or reordered, so both give the same bits. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define LANES_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define LANES_CLONES
#endif

#define lanes_at(p) (*(const lanes *)(p))
#define lanes_put(p, v) (*(lanes *)(p) = (v))
/* Lanes of a where the mask is set, else b. */
#define lanes_choose(mask, a, b)                                               \
    ((lanes)(((lanes_words)(a) & (mask)) | ((lanes_words)(b) & ~(mask))))
#define lanes_sum(v) (((v)[0] + (v)[1]) + ((v)[2] + (v)[3]))

#endif
