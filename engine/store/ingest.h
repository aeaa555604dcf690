/* The state of an ingest, shared by its stages; see ingest.c. */
#ifndef BT_STORE_INGEST_H
#define BT_STORE_INGEST_H

#include "store/actions.h"
#include "store/bars.h"
#include "store/calendar.h"
#include "store/parse.h"
#include "store/spacing.h"
#include "store/writer.h"

/* A file among the input. */
struct file {
    char *path;
    char *symbol;    /* of all its rows; NULL: from a column */
    char *date_name; /* "column 1 'Date'" */
    enum stamp_form form;
    bool zoned; /* its times carry UTC offsets, or are counts since 1970 */
    double rows;
    int64_t bytes;
    char sha[65];
};

/* One date that can be read in one order only. */
struct evidence {
    char where[300], value[32];
};

/* How sure the frequency is, in rising order. */
enum certainty {
    CERTAINTY_NONE,
    CERTAINTY_WEAK, /* from a few bars */
    CERTAINTY_CLEAR,
    CERTAINTY_UNCLEAR /* a long series has no regular distance */
};

struct notes {
    char **list;
    size_t count, cap;
};

struct bt_ingest {
    bt_ingest_options options; /* its texts are copies */
    char *folder;              /* of bundles */
    struct file *files;
    size_t file_count, file_cap;
    struct map *shapes; /* layout in words -> struct shape */

    /* progress */
    int (*stage)(struct bt_ingest *); /* bt_status; NULL when done */
    size_t at;                        /* file or series being worked on */
    bt_status status;
    int64_t bytes_before; /* of the files that are done */
    bool reading;         /* csv, layout and parser are open */
    struct csv csv;
    struct layout layout;
    struct parser parser;

    /* what was found */
    struct rows rows;
    struct rejects rejects;
    struct evidence any, mdy, dmy;
    int32_t order; /* BT_DATES_* of all files */
    struct spacing spacing;
    struct marks marks;
    enum certainty certainty;
    struct frequency frequency;
    double share; /* of distances that are one bar, of the first series */
    char frequency_symbol[65], frequency_text[FREQUENCY_TEXT];
    struct bar_rule rule;
    struct calendar calendar;
    double silent; /* bars without volume */

    struct action_set *actions; /* found beside the bars, by symbol */
    struct writer *writer;
    struct notes notes;
    bt_ingest_report report;
};

/* Stages, in order; each does a part and sets g->stage. */
int ingest_sniff(bt_ingest *g);
int ingest_scan_dates(bt_ingest *g);
int ingest_read(bt_ingest *g);
int ingest_spacing(bt_ingest *g);
int ingest_bars(bt_ingest *g);
int ingest_write(bt_ingest *g);

/* Close what is open of the current file. */
void ingest_close_file(bt_ingest *g);
void ingest_next(bt_ingest *g, int (*stage)(bt_ingest *));

/* A shape of file: how many have it, and the first. */
struct shape {
    size_t files;
    const char *path;
};
void ingest_note(bt_ingest *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void ingest_note_input(bt_ingest *g);  /* after sniffing */
void ingest_note_result(bt_ingest *g); /* after checking */
/* JSON object, caller frees. */
char *ingest_provenance(const bt_ingest *g);

#endif
