/* A plain C pass over bars of a minute that makes bars of a longer frequency:
 * the reference of resampling.
 *
 *     resample ROWS SECONDS [ROUNDS]
 *
 * Five columns in memory and a column of times; a bar ends when the time
 * divided by SECONDS changes. Output: "seconds X" for each round.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct columns {
    int64_t rows, *time;
    double *open, *high, *low, *close, *volume;
};

static double *column(int64_t rows, double base) {
    double *c = malloc((size_t)rows * sizeof *c);
    if (!c)
        exit(1);
    for (int64_t i = 0; i < rows; i++)
        c[i] = base + (double)(i * 7919 % 1000) / 1000;
    return c;
}

static struct columns make(int64_t rows) {
    struct columns c = {.rows = rows,
                        .time = malloc((size_t)rows * sizeof *c.time)};
    if (!c.time)
        exit(1);
    for (int64_t i = 0; i < rows; i++)
        c.time[i] = i / 390 * 86400 + 52200 + i % 390 * 60;
    c.open = column(rows, 100);
    c.high = column(rows, 101);
    c.low = column(rows, 99);
    c.close = column(rows, 100);
    c.volume = column(rows, 5000);
    return c;
}

static int64_t pass(const struct columns *in, int64_t seconds,
                    struct columns *out) {
    int64_t n = -1, bar = -1;
    for (int64_t i = 0; i < in->rows; i++) {
        int64_t at = in->time[i] / seconds;
        if (at != bar) {
            bar = at;
            n++;
            out->time[n] = at * seconds;
            out->open[n] = in->open[i];
            out->high[n] = in->high[i];
            out->low[n] = in->low[i];
            out->volume[n] = 0;
        }
        if (in->high[i] > out->high[n])
            out->high[n] = in->high[i];
        if (in->low[i] < out->low[n])
            out->low[n] = in->low[i];
        out->close[n] = in->close[i];
        out->volume[n] += in->volume[i];
    }
    return n + 1;
}

int main(int argc, char **argv) {
    if (argc < 3)
        return 1;
    struct columns in = make(atoll(argv[1])), out = make(in.rows);
    int rounds = argc > 3 ? atoi(argv[3]) : 1;
    int64_t bars = 0;
    for (int r = 0; r < rounds; r++) {
        clock_t start = clock();
        bars += pass(&in, atoll(argv[2]), &out);
        printf("seconds %.9f\n",
               (double)(clock() - start) / (double)CLOCKS_PER_SEC);
    }
    return bars == 0;
}
