/* Recorded numbers. Names are few and come back on every bar, so each has an
 * index and a record holds that. A second value of one name on the same bar
 * replaces the first, so a series has one point per bar.
 *
 * Cost: one map lookup per call.
 */
#include "sim/record.h"

#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD_NAMES_MAX = 1000, RECORD_NAME_LENGTH = 200 };

void records_fini(struct records *r) {
    for (size_t i = 0; i < r->name_count; i++)
        free(r->names[i]);
    free(r->names);
    free(r->last);
    free(r->list);
    if (r->by_name)
        map_free(r->by_name);
}

static bt_status add_name(struct records *r, const char *name, int32_t *out) {
    size_t n = strnlen(name, RECORD_NAME_LENGTH + 1);
    if (n == 0 || n > RECORD_NAME_LENGTH)
        return fail(BT_E_RANGE,
                    "record: a name has 1..%d bytes; use a shorter one",
                    RECORD_NAME_LENGTH);
    if (r->name_count == RECORD_NAMES_MAX)
        return fail(BT_E_RANGE,
                    "record: at most %d names, '%s' is one more; record under "
                    "fewer names",
                    RECORD_NAMES_MAX, name);
    r->names =
        mem_grow(r->names, r->name_count, &r->name_cap, sizeof *r->names);
    r->last = mem_grow(r->last, r->name_count, &r->last_cap, sizeof *r->last);
    r->names[r->name_count] = mem_strdup(name);
    r->last[r->name_count] = -1;
    *out = (int32_t)r->name_count++;
    map_put(r->by_name, name, (void *)(r->name_count));
    return BT_OK;
}

static bt_status find_name(struct records *r, const char *name, int32_t *out) {
    if (!r->by_name)
        r->by_name = map_new();
    size_t found = (size_t)map_get(r->by_name, name);
    if (found == 0)
        return add_name(r, name, out);
    *out = (int32_t)found - 1;
    return BT_OK;
}

bt_status bt_run_record(bt_run *run, const char *name, double value) {
    struct records *r = &run->records;
    int32_t index = -1;
    if (run->state != RUN_BAR && run->state != RUN_WORKING)
        return fail(BT_E_STATE, "record belongs in handle_data, on a bar");
    TRY(find_name(r, name, &index));
    bt_time now = run->ledger.account.now;
    int32_t last = r->last[index];
    if (last >= 0 && r->list[last].time == now) {
        r->list[last].value = value;
        return BT_OK;
    }
    r->list = mem_grow(r->list, r->count, &r->cap, sizeof *r->list);
    r->list[r->count] = (bt_record){.time = now, .name = index, .value = value};
    r->last[index] = (int32_t)r->count++;
    return BT_OK;
}
