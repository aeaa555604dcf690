/* The ledger: how many trials were ever run on a bundle, over all studies.
 *
 * One text file of the data home, a line for each search that ended:
 *
 *     SHA256-OF-BUNDLE NAME-OF-BUNDLE IDENTITY-OF-SEARCH TRIALS
 *
 * It is only appended to, each line in one write, so it needs no lock, and a
 * line that was cut counts for nothing. A search that is repeated or gone on
 * with has the same identity and counts once, by its largest figure; removing
 * its study does not remove what was seen. Cost: O(lines) a count.
 */
#include "backlua.h"

#include "base/fs.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEDGER_MAX = 256 << 20, HEX = 64, BUNDLE_NAME = 255 };

/* NULL without a home folder. */
static char *ledger_path(void) {
    char *home = fs_data_home();
    char *path = home ? fs_join(home, "ledger") : NULL;
    free(home);
    return path;
}

/* Spaces would be separators. */
static void put_word(struct buf *line, const char *word) {
    for (; *word; word++)
        buf_chr(line, *word <= ' ' ? '_' : *word);
    buf_chr(line, ' ');
}

static bool append(const char *path, const struct buf *line) {
    char *folder = fs_dir(path);
    bool there = fs_mkdirs(folder) == BT_OK;
    free(folder);
    if (!there)
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                  0600);
    if (fd < 0)
        return false;
    ssize_t n = write(fd, line->data, line->len);
    int error = errno;
    close(fd);
    errno = error;
    return n == (ssize_t)line->len;
}

void bt_ledger_add(const char *sha256, const char *name, const char *identity,
                   double trials) {
    char number[NUM_TEXT];
    struct buf line;
    char *path = ledger_path();
    if (!path || !(trials > 0)) {
        free(path);
        return;
    }
    buf_init(&line);
    put_word(&line, sha256);
    put_word(&line, name);
    put_word(&line, identity);
    num_format(trials, number);
    buf_printf(&line, "%s\n", number);
    if (!append(path, &line))
        log_warn("%s: the trials were not counted: %s", path, strerror(errno));
    buf_fini(&line);
    free(path);
}

struct line {
    char sha256[HEX + 1], name[BUNDLE_NAME + 1], identity[HEX + 1];
    double trials;
};

/* text: of one line, since sscanf measures all of it. */
static bool parse(const char *text, struct line *out) {
    int at = 0;
    char *end;
    int words = sscanf(text, "%64s %255s %64s %n", out->sha256, out->name,
                       out->identity, &at);
    if (words != 3 || at == 0)
        return false;
    out->trials = strtod(text + at, &end);
    return *end == '\0' && out->trials > 0 && isfinite(out->trials);
}

/* Largest figure of each search on the bundle. Cuts the file into lines; one
 * without an end is still being written. */
static double sum_of(struct buf *file, const char *sha256, const char *name) {
    struct map *most = map_new();
    double sum = 0;
    char *at = file->data, *end;
    for (; file->len > 0 && (end = strchr(at, '\n')); at = end + 1) {
        struct line l;
        *end = '\0';
        if (parse(at, &l) &&
            (strcmp(l.sha256, sha256) == 0 || strcmp(l.name, name) == 0)) {
            double *known = map_get(most, l.identity);
            if (!known) {
                known = mem_zalloc(1, sizeof *known);
                map_put(most, l.identity, known);
            }
            sum += fmax(0, l.trials - *known);
            *known = fmax(*known, l.trials);
        }
    }
    const char *key;
    void *value;
    for (size_t it = 0; map_next(most, &it, &key, &value);)
        free(value);
    map_free(most);
    return sum;
}

double bt_ledger_count(const char *sha256, const char *name) {
    struct buf file, word;
    char *path = ledger_path();
    double sum = 0;
    buf_init(&file);
    buf_init(&word);
    put_word(&word, name);
    word.data[word.len - 1] = '\0';
    if (path && fs_exists(path) && fs_read(path, LEDGER_MAX, &file) == BT_OK)
        sum = sum_of(&file, sha256, word.data);
    buf_fini(&word);
    buf_fini(&file);
    free(path);
    return sum;
}
