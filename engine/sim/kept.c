/* A result as a file, for the next run that would come to the same.
 *
 * It is written as it lies in memory: the struct without its pointers, the size
 * of each array, the arrays. Who reads it is the program that wrote it, since
 * its build id is in the key; damage is found by the checksum (store/keep.c).
 * The times are the bundle's. Read back, all arrays lie in the one block that
 * the file was read into: nothing is copied, nothing is computed.
 */
#include "base/mem.h"
#include "base/status.h"
#include "sim/result.h"
#include "store/bundle.h"
#include "store/keep.h"
#include "store/pool.h"

#include <stdlib.h>
#include <string.h>

/* In the order of the file: what needs no alignment comes last. */
enum part {
    PART_CASH,
    PART_VALUE,
    PART_PERFORMANCE,
    PART_BENCHMARK,
    PART_ORDERS,
    PART_FILLS,
    PART_TRADES,
    PART_OPEN,
    PART_FLOWS,
    PART_EVENTS,
    PART_RECORDS,
    PART_TERMS,
    PART_NAMES,
    PART_FACTS,
    PARTS
};

struct saved {
    bt_result pub; /* its pointers mean nothing */
    double lot;
    uint64_t bytes[PARTS];
};

/* What each part of a result takes; performance and value may be one array. */
static void measure_parts(const struct result *r, uint64_t bytes[PARTS]) {
    const bt_result *p = &r->pub;
    uint64_t curve = (uint64_t)p->bars * sizeof(double);
    bytes[PART_CASH] = bytes[PART_VALUE] = curve;
    bytes[PART_PERFORMANCE] = p->performance == p->value ? 0 : curve;
    bytes[PART_BENCHMARK] = p->benchmark ? curve : 0;
    bytes[PART_ORDERS] = (uint64_t)p->orders * sizeof *p->order;
    bytes[PART_FILLS] = (uint64_t)p->fills * sizeof *p->fill;
    bytes[PART_TRADES] = (uint64_t)p->trades * sizeof *p->trade;
    bytes[PART_OPEN] = (uint64_t)p->opens * sizeof *p->open;
    bytes[PART_FLOWS] = (uint64_t)p->flows * sizeof *p->flow;
    bytes[PART_EVENTS] = (uint64_t)p->events * sizeof *p->event;
    bytes[PART_RECORDS] = (uint64_t)p->records * sizeof *p->record;
    bytes[PART_TERMS] =
        r->terms ? (uint64_t)bundle_assets(r->bundle) * sizeof *r->terms : 0;
}

static void add_names(const struct result *r, struct buf *out) {
    for (int32_t i = 0; i < r->pub.record_names; i++)
        buf_add(out, r->record_names[i], strlen(r->record_names[i]) + 1);
}

bt_status bt_result_keep(const bt_result *p, const char *key, const char *facts,
                         int64_t n, double most) {
    const struct result *r = (const struct result *)p;
    struct saved head = {.pub = *p, .lot = r->lot};
    struct buf names;
    buf_init(&names);
    add_names(r, &names);
    measure_parts(r, head.bytes);
    head.bytes[PART_NAMES] = names.len;
    head.bytes[PART_FACTS] = (uint64_t)n;
    const void *const at[PARTS] = {
        p->cash,   p->value, p->performance, p->benchmark, p->order,
        p->fill,   p->trade, p->open,        p->flow,      p->event,
        p->record, r->terms, names.data,     facts};
    struct iovec parts[PARTS + 1] = {{&head, sizeof head}};
    for (int i = 0; i < PARTS; i++)
        parts[i + 1] = (struct iovec){(void *)at[i], head.bytes[i]};
    bt_status s = keep_put(key, parts, PARTS + 1, most);
    buf_fini(&names);
    return s;
}

/* ---- back ---------------------------------------------------------------- */

/* Where the parts lie in a block of so many bytes behind the head; false when
 * they do not fill it. */
static bool place_parts(const struct saved *head, char *from, size_t bytes,
                        void *at[PARTS]) {
    for (int i = 0; i < PARTS; i++) {
        if (head->bytes[i] > bytes)
            return false;
        at[i] = from;
        from += head->bytes[i];
        bytes -= head->bytes[i];
    }
    return bytes == 0;
}

static void set_arrays(struct result *r, const uint64_t bytes[PARTS],
                       void *const at[PARTS]) {
    bt_result *p = &r->pub;
    p->cash = at[PART_CASH];
    p->value = at[PART_VALUE];
    p->performance =
        at[bytes[PART_PERFORMANCE] > 0 ? PART_PERFORMANCE : PART_VALUE];
    p->benchmark = bytes[PART_BENCHMARK] > 0 ? at[PART_BENCHMARK] : NULL;
    p->order = at[PART_ORDERS];
    p->fill = at[PART_FILLS];
    p->trade = at[PART_TRADES];
    p->open = at[PART_OPEN];
    p->flow = at[PART_FLOWS];
    p->event = at[PART_EVENTS];
    p->record = at[PART_RECORDS];
    r->terms = bytes[PART_TERMS] > 0 ? at[PART_TERMS] : NULL;
}

static bool set_names(struct result *r, const char *text, size_t bytes) {
    int32_t n = r->pub.record_names;
    const char *end = text + bytes;
    r->record_names = mem_zalloc((size_t)n + 1, sizeof *r->record_names);
    for (int32_t i = 0; i < n; i++) {
        size_t length = text < end ? strnlen(text, (size_t)(end - text)) : 0;
        if (text + length >= end)
            return false;
        r->record_names[i] = mem_strdup(text);
        text += length + 1;
    }
    return text == end;
}

/* The counts of the struct are those of the parts, and the bundle has the bars.
 */
static bool fits(const struct result *r, const struct saved *head) {
    uint64_t bytes[PARTS];
    const bt_result *p = &r->pub;
    measure_parts(r, bytes);
    if (p->first_row < 0 || p->bars < 0 ||
        p->bars > bundle_rows(r->bundle) - p->first_row)
        return false;
    for (int i = 0; i < PART_NAMES; i++)
        if (bytes[i] != head->bytes[i])
            return false;
    return true;
}

/* Make a result of the block, which it owns. */
static bool restore(struct result *r, char *block, size_t bytes, void **facts,
                    int64_t *n) {
    struct saved head;
    void *at[PARTS];
    r->block = block;
    if (bytes < KEEP_HEAD + sizeof head)
        return false;
    memcpy(&head, block + KEEP_HEAD, sizeof head);
    if (!place_parts(&head, block + KEEP_HEAD + sizeof head,
                     bytes - KEEP_HEAD - sizeof head, at))
        return false;
    int32_t names = head.pub.record_names;
    r->pub = head.pub;
    r->pub.record_names = 0;
    r->lot = head.lot;
    r->first = head.pub.first_row;
    set_arrays(r, head.bytes, at);
    if (!fits(r, &head))
        return false;
    r->pub.times = bundle_close_times(r->bundle) + r->first;
    r->pub.record_names = names;
    *facts = at[PART_FACTS];
    *n = (int64_t)head.bytes[PART_FACTS];
    return set_names(r, at[PART_NAMES], head.bytes[PART_NAMES]);
}

bt_status bt_result_recall(const char *key, bt_bundle *bundle, bt_result **out,
                           const char **facts, int64_t *n) {
    struct buf file;
    void *own_facts = NULL;
    int64_t own_n = 0;
    buf_init(&file);
    if (!keep_get(key, &file)) {
        buf_fini(&file);
        return fail(BT_E_DATA, "no result is kept under %s", key);
    }
    struct result *r = mem_zalloc(1, sizeof *r);
    r->bundle = bundle;
    pool_retain(bundle);
    size_t bytes = file.len;
    if (!restore(r, buf_take(&file), bytes, &own_facts, &own_n)) {
        bt_result_free(&r->pub);
        keep_drop(key);
        return fail(BT_E_DATA, "what is kept under %s is no result", key);
    }
    *out = &r->pub;
    *facts = own_facts;
    *n = own_n;
    return BT_OK;
}
