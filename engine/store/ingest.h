/* The state of an ingest, shared by its stages; see ingest.c. */
#ifndef BT_STORE_INGEST_H
#define BT_STORE_INGEST_H

#include "store/actions.h"
#include "store/bars.h"
#include "store/calendar.h"
#include "store/facts_file.h"
#include "store/jump.h"
#include "store/own.h"
#include "store/parse.h"
#include "store/spacing.h"
#include "store/writer.h"

/* A zip archive among the input. */
struct archive {
    char *path;
    int fd; /* of a spooled one, else -1 */
    struct zip_entry *entries;
    size_t count;
};

/* A file among the input, or an entry of an archive. */
struct file {
    char *path;                    /* for people */
    char *open_path;               /* of the file or its archive */
    int fd;                        /* where a stream was spooled to, else -1 */
    const struct zip_entry *entry; /* NULL: the whole file */
    char *symbol;                  /* of all its rows; NULL: from a column */
    char *date_name;               /* "column 1 'Date'" */
    const struct format *format;   /* NULL: columns known by their names */
    enum stamp_form form;
    bool zoned;   /* its times carry UTC offsets, or are counts since 1970 */
    bool clocked; /* it has times of day */
    bool utc;     /* the name of their column says UTC */
    bool mapped;  /* the user said what its columns are */
    bool whole;   /* its prices may be whole multiples */
    bool written; /* of such a file: no, a price has a part of one */
    bool scaled;  /* of such a file: yes */
    bool commas;  /* of its numbers may be decimal */
    bool actions; /* splits or dividends, no bars */
    bool inner;   /* its sha is that of the archive */
    int32_t adjusted; /* BT_ADJUSTED_* */
    int32_t order;    /* BT_DATES_* of its source; AUTO: as the others' */
    int group;        /* of a file with several symbols in a row */
    bt_time day;      /* from its name; STAMP_NONE */
    double rows;
    int64_t bytes;
    char sha[65];
};

/* Where the series at work has got to. */
struct walk {
    bool measuring, counting, writing; /* what is open of the below */
    struct cursor cursor;
    struct bars bars;
    struct jump_watch watch;
    double before; /* bars stored before it */
    int64_t row;
};

/* One date that can be read in one order only. */
struct evidence {
    char where[300], value[32];
};

/* What dates such as 1/2/2012 say of their order. */
struct order_evidence {
    struct evidence any, mdy, dmy;
    bool slashed; /* a date of them is without points */
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
    struct archive *archives;
    size_t archive_count, archive_cap;
    const struct format *format; /* --format, NULL */
    const tz *zone;              /* --tz, NULL */
    const tz *base_zone;         /* --tz of what is appended to, NULL */
    struct map *shapes;          /* layout in words -> struct shape */

    /* progress */
    int (*stage)(struct bt_ingest *); /* bt_status; NULL when done */
    size_t at;                        /* file or series being worked on */
    struct walk walk;
    int64_t bytes_before; /* of the files that are done */
    double text;          /* bytes of rows to come, about */
    bt_status status;
    bool reading;      /* csv, layout and parser are open */
    bool drops_splits; /* that prices hold already */
    bool drops_dividends;
    char frequency_symbol[65], frequency_text[FREQUENCY_TEXT];
    int32_t order; /* BT_DATES_* of the files without one of their own */
    enum certainty certainty;
    struct csv csv;
    struct layout layout;
    struct parser parser;

    /* what was found */
    struct rows rows;
    struct rejects rejects;
    struct order_evidence here;  /* of the file being scanned */
    struct order_evidence dates; /* of files without an order of their own */
    bool dotted;                 /* all are with points, which says enough */
    struct evidence written;     /* of a format whose prices may be multiples */
    struct evidence comma, point, either; /* what the comma of numbers is */
    bool grouped;                         /* a comma groups thousands */
    int32_t decimal; /* BT_DECIMAL_*, of files whose commas may be decimal */
    int64_t scaled_files; /* whose prices are divided */
    double rows_before;   /* of the files that are done */
    double quiet;         /* rows with a volume that is not known */
    struct jump_list jumps;
    struct spacing spacing;
    struct marks marks;
    struct frequency frequency;
    double share; /* of distances that are one bar, of the first series */
    struct bar_rule rule;
    struct calendar calendar;
    struct schedule *schedule; /* of --calendar; NULL: union */
    double silent;             /* bars without volume */

    struct action_set *actions; /* found beside the bars, by symbol */
    struct own own;             /* further columns of numbers */
    char *assets;               /* path of the file of facts, NULL */
    struct facts_file facts;

    /* --append: see append.c */
    bt_bundle *base; /* NULL: not asked for */
    struct frequency base_frequency;
    const char **symbols; /* [symbol_count] of base and files */
    size_t symbol_count;
    double appended, repeated;
    struct writer *writer;
    struct notes notes;
    bt_ingest_report report;
};

/* Stages, in order; each does a part and sets g->stage. */
int ingest_sniff(bt_ingest *g);
int ingest_scan(bt_ingest *g);
int ingest_read(bt_ingest *g);
int ingest_spacing(bt_ingest *g);
int ingest_bars(bt_ingest *g);
int ingest_write(bt_ingest *g);

/* Must all rows of a file be seen before any is taken? */
bool ingest_must_scan(const bt_ingest *g, const struct file *f);
/* Whose whole prices are multiples. BT_E_USAGE: a flag must say so. */
bt_status ingest_decide_scale(bt_ingest *g);
/* A string of JSON, quoted. */
void ingest_json_text(struct buf *b, const char *text);
/* That decision as members of the manifest, if there was one. */
void ingest_scale_json(const bt_ingest *g, struct buf *b);
/* Does a folder of this name hold bars of one length? */
bool ingest_is_resolution(const char *name);
/* Open it, its layout read, its first row to come. */
bt_status ingest_open_file(bt_ingest *g, const struct file *f);
/* What is known of the file from its name. */
void ingest_name_file(struct file *f);
/* The file of splits, dividends, LEAN's factors or names that is open. */
bt_status ingest_read_actions(bt_ingest *g, struct file *f);
/* Keep the actions of symbols that have bars and whose prices need them. */
bt_status ingest_known_actions(bt_ingest *g);
/* Delistings of assets whose bars end early, or that facts say end. */
bt_status ingest_ends(bt_ingest *g);
/* Another file of the input that differs from f in its group. */
void ingest_add_group(bt_ingest *g, size_t like, int group);

/* The zone that a user names. errors as tz_find; BT_E_USAGE one that means
 * another thing than it looks like */
bt_status ingest_find_zone(const char *name, const tz **out);
/* The zone of the times of the file that is open, for the parser. */
bt_status ingest_choose_zone(bt_ingest *g, const struct file *f);
/* The zone that the times of a bundle were given. */
bt_status ingest_base_zone(bt_ingest *g, const char *provenance);
/* BT_E_USAGE: times within a day are of a zone that only the user knows. */
bt_status ingest_check_zones(bt_ingest *g);

/* Close what is open of the current file. */
void ingest_close_file(bt_ingest *g);
void ingest_next(bt_ingest *g, int (*stage)(bt_ingest *));

/* Rows that a step works on; a series of more takes several. */
enum { INGEST_STEP = 1 << 17 };
/* Another stage of the report begins, which passes so many rows. */
void ingest_stage(bt_ingest *g, int32_t stage, double to_pass);

/* A shape of file: how many have it, and the first. */
struct shape {
    size_t files;
    const char *path;
};
void ingest_note(bt_ingest *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void ingest_note_zones(bt_ingest *g);
void ingest_note_midnights(bt_ingest *g); /* of bars within a day */
void ingest_note_input(bt_ingest *g);     /* after sniffing */
void ingest_note_result(bt_ingest *g);    /* after checking */
void ingest_note_fields(bt_ingest *g);    /* after storing */
/* What the named calendar says of the bars; before the result. */
void ingest_note_calendar(bt_ingest *g);
/* JSON object, caller frees. */
char *ingest_provenance(const bt_ingest *g);

#endif
