/* A matrix of returns, laid out for resampling.
 *
 * A resample of index rows is used as how often it holds each period, so the
 * sums of all trials over many resamples are a product of matrices: counts by
 * returns. It is made in tiles of PANEL_ROWS resamples by PANEL_WIDE trials
 * that stay in registers; a group of trials lies together by period, so that a
 * tile reads memory in its order. One sum adds in the order of time, whatever
 * the tile: the same bits as a plain loop. Cost O(rows * n * trials).
 */
#include "optimize/panel.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void panel_init(struct panel *p, const double *d, int32_t n, int32_t trials) {
    int32_t groups = (trials + PANEL_WIDE - 1) / PANEL_WIDE;
    *p = (struct panel){.n = n, .trials = trials, .groups = groups};
    p->at = mem_alloc((size_t)groups * (size_t)n * PANEL_WIDE * sizeof *p->at);
    for (int32_t k = 0; k < groups * PANEL_WIDE; k++) {
        const double *x = d + (int64_t)(k < trials ? k : trials - 1) * n;
        double *to =
            p->at + (int64_t)(k / PANEL_WIDE) * n * PANEL_WIDE + k % PANEL_WIDE;
        for (int32_t t = 0; t < n; t++)
            to[(int64_t)t * PANEL_WIDE] = x[t];
    }
}

void panel_fini(struct panel *p) {
    free(p->at);
}

void panel_count(const int32_t *rows, int32_t n, int32_t have, double *count) {
    memset(count, 0, (size_t)n * PANEL_ROWS * sizeof *count);
    for (int32_t r = 0; r < have; r++) {
        for (int32_t i = 0; i < n; i++)
            count[(int64_t)rows[(int64_t)r * n + i] * PANEL_ROWS + r] += 1;
    }
}

LANES_CLONES
void panel_sums(const double *restrict group, const double *restrict count,
                int32_t n, double *restrict out) {
    lanes sum[PANEL_ROWS][2] = {0};
    for (int32_t t = 0; t < n; t++) {
        lanes low = lanes_at(group), high = lanes_at(group + LANES);
#pragma GCC unroll 4
        for (int r = 0; r < PANEL_ROWS; r++) {
            sum[r][0] += count[r] * low;
            sum[r][1] += count[r] * high;
        }
        group += PANEL_WIDE;
        count += PANEL_ROWS;
    }
    for (int r = 0; r < PANEL_ROWS; r++) {
        lanes_put(out + r * PANEL_WIDE, sum[r][0]);
        lanes_put(out + r * PANEL_WIDE + LANES, sum[r][1]);
    }
}
