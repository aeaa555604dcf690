/* A fuzzer without a compiler's help: mutations of a corpus, the same for the
 * same seed, under the sanitizers.
 *
 *     csv [-seconds N] [-inputs N] [-seed N] FOLDER...
 *
 * It goes on for that long, and until so many inputs have been tried.
 *
 * The input at work stands in build/fuzz/last: after a crash it is what to put
 * into the corpus. Coverage is not watched; the corpus holds the shapes, the
 * mutations mix them. */
#ifndef BT_SPEC_FUZZ_FUZZ_H
#define BT_SPEC_FUZZ_FUZZ_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void fuzz_target(const char *bytes, size_t n);

struct fuzz_corpus {
    struct buf *text;
    size_t count, cap;
};

static void fuzz_load(struct fuzz_corpus *c, const char *path) {
    char **names;
    size_t count;
    if (!fs_is_dir(path)) {
        c->text = mem_grow(c->text, c->count, &c->cap, sizeof *c->text);
        buf_init(&c->text[c->count]);
        if (fs_read(path, 1 << 16, &c->text[c->count]) == BT_OK)
            c->count++;
        else
            buf_fini(&c->text[c->count]);
        return;
    }
    if (fs_list(path, &names, &count) != BT_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        char *child = fs_join(path, names[i]);
        fuzz_load(c, child);
        free(child);
        free(names[i]);
    }
    free(names);
}

static void fuzz_unload(struct fuzz_corpus *c) {
    for (size_t i = 0; i < c->count; i++)
        buf_fini(&c->text[i]);
    free(c->text);
}

enum { FUZZ_WORDS = 24 };

/* One of: replace, insert, flip, delete, double, splice, a word. */
static inline void fuzz_mutate(struct rng *r, const struct fuzz_corpus *c,
                               struct buf *b) {
    static const char bytes[] =
        "\n\r,;\t|\"'0123456789.-+eE:/TZ$%KM \0\x1f\x8b\xff";
    static const char *const words[FUZZ_WORDS] = {
        "date,open,high,low,close,volume\n",
        "null",
        "N/A",
        "1e308",
        "-1",
        "99999999999999999999",
        "0.0000000000000001",
        "2020-03-08 02:30:00",
        "2020-11-01 01:30:00",
        "20200102 093000",
        "1577957400000",
        "1577957400000000000",
        "Apr 09, 2020",
        "12:00:00 PM",
        "+05:45",
        "Price,Close,High,Low,Open,Volume\nTicker,A,A,A,A,A\nDate,,,,,\n",
        "<TICKER>,<PER>,<DATE>",
        "PK\3\4",
        "PK\5\6",
        "\xef\xbb\xbf",
        "dividend,split",
        "symbol,date,ratio\n",
        "\"\"",
        "\r\n"};
    struct buf out;
    buf_init(&out);
    size_t n = b->len, from = (size_t)rng_range(r, 0, (int64_t)n);
    size_t to = (size_t)rng_range(r, (int64_t)from, (int64_t)n);
    int64_t kind = rng_range(r, 0, 6);
    to = to - from > 60 ? from + 60 : to;
    buf_add(&out, b->data, from);
    size_t rest = from;
    const struct buf *other = &c->text[rng_range(r, 0, (int64_t)c->count - 1)];
    if (kind <= 1) /* replace or insert */
        buf_chr(&out, bytes[rng_range(r, 0, sizeof bytes - 2)]);
    if (kind == 0 && from < n)
        rest = from + 1;
    if (kind == 2 && from < n) { /* flip a bit */
        buf_chr(&out, (char)(b->data[from] ^ (1 << rng_range(r, 0, 7))));
        rest = from + 1;
    }
    if (kind == 3) /* delete */
        rest = to;
    if (kind == 4) /* double */
        buf_add(&out, b->data + from, to - from);
    if (kind == 5 && other->len > 0) { /* splice */
        size_t at = (size_t)rng_range(r, 0, (int64_t)other->len - 1);
        size_t k = other->len - at < 90 ? other->len - at : 90;
        buf_add(&out, other->data + at, k);
    }
    if (kind == 6)
        buf_str(&out, words[rng_range(r, 0, FUZZ_WORDS - 1)]);
    buf_add(&out, b->data + rest, n - rest);
    buf_fini(b);
    *b = out;
}

static inline void fuzz_round(struct rng *r, const struct fuzz_corpus *c,
                              fuzz_target *target) {
    struct buf b;
    buf_init(&b);
    const struct buf *from = &c->text[rng_range(r, 0, (int64_t)c->count - 1)];
    buf_add(&b, from->data, from->len);
    for (int64_t k = rng_range(r, 1, 8); k > 0; k--)
        fuzz_mutate(r, c, &b);
    FILE *last = fopen("build/fuzz/last", "wb");
    if (last != NULL) {
        (void)fwrite(b.data, 1, b.len, last);
        fclose(last);
    }
    target(b.data, b.len);
    buf_fini(&b);
}

static inline int fuzz_main(int argc, char **argv, fuzz_target *target) {
    struct fuzz_corpus corpus = {0};
    double seconds = 60, rounds = 0, least = 0;
    uint64_t seed = 1;
    struct rng r;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-seconds") == 0 && i + 1 < argc)
            seconds = atof(argv[++i]);
        else if (strcmp(argv[i], "-inputs") == 0 && i + 1 < argc)
            least = atof(argv[++i]);
        else if (strcmp(argv[i], "-seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else
            fuzz_load(&corpus, argv[i]);
    }
    if (corpus.count == 0 || fs_mkdirs("build/fuzz") != BT_OK) {
        fprintf(stderr,
                "usage: %s [-seconds N] [-inputs N] [-seed N] FOLDER...\n",
                argv[0]);
        return 2;
    }
    rng_seed(&r, seed);
    double end = clock_monotonic() + seconds;
    for (; rounds < least || clock_monotonic() < end; rounds++)
        fuzz_round(&r, &corpus, target);
    printf("%s: %.0f inputs from %zu files, seed %llu, nothing found\n",
           argv[0], rounds, corpus.count, (unsigned long long)seed);
    fuzz_unload(&corpus);
    return 0;
}

#endif
