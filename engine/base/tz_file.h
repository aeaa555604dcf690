/* Files of the tz database and fixed offsets; for tz.c alone. */
#ifndef BT_BASE_TZ_FILE_H
#define BT_BASE_TZ_FILE_H

#include "backlua.h"
#include "base/buf.h"
#include "base/tz_rule.h"

struct tz_change {
    int64_t at;     /* unix seconds */
    int32_t offset; /* from then on */
};

/* A TZif file taken apart; points into its bytes. */
struct tz_file {
    int32_t count, first;
    bool has_rule;
    struct tz_rule rule;
    const uint8_t *times, *types, *kinds;
    int32_t time_bytes;
};

/* BT_E_DATA names what is wrong. */
bt_status tz_file_read(const char *name, const void *bytes, size_t n,
                       struct tz_file *out);
struct tz_change tz_file_change(const struct tz_file *f, int32_t i);

/* The file of a zone. errors BT_E_NAME unknown, with the nearest; BT_E_DATA no
 * database; BT_E_IO */
bt_status tz_file_load(const char *name, struct buf *out);
/* "UTC", "Z", "GMT", "UTC+2", "+02:00", "-0500": seconds east. */
bool tz_file_fixed(const char *name, int32_t *out);

#endif
