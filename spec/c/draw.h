/* Numbers for test data: xorshift64*, kept apart from engine/base/rng.c so that
 * no test leans on what it tests. */
#ifndef BT_SPEC_DRAW_H
#define BT_SPEC_DRAW_H

#include <stdint.h>

static uint64_t draw_state = UINT64_C(88172645463325252);

static inline uint64_t draw(void) {
    draw_state ^= draw_state >> 12;
    draw_state ^= draw_state << 25;
    draw_state ^= draw_state >> 27;
    return draw_state * UINT64_C(2685821657736338717);
}

/* One of 0 .. n-1. */
static inline int64_t draw_below(int64_t n) {
    return (int64_t)((draw() >> 1) % (uint64_t)n);
}

struct key {
    uint8_t bytes[32];
};

/* The i-th key: scattered, as a digest would be. */
static inline struct key draw_key(uint64_t i) {
    struct key k;
    uint64_t kept = draw_state;
    draw_state = i * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int b = 0; b < 32; b++)
        k.bytes[b] = (uint8_t)(draw() >> 40);
    draw_state = kept;
    return k;
}

#endif
