/* Frames: what travels between parent and worker, and how it is doubted.
 *
 * One frame is one SOCK_SEQPACKET message, so it arrives whole or not at all. A
 * head of 36 bytes (magic, version, type, ticket, length, chunk, chunks,
 * CRC-32C over all of it) is followed by records: several jobs or replies share
 * a frame, because a system call costs more than a short job. A reply that does
 * not fit travels alone in numbered chunks.
 *
 * Both ends are one program on one machine, so fields have the machine's order.
 * The CRC does not keep an attacker out; it catches a worker whose memory is
 * damaged, which is what a miscompiled trace does.
 */
#include "proc/wire.h"

#include "base/crc.h"

#include <string.h>

enum { MAGIC = 0x4c575442, VERSION = 1 }; /* "BTWL" */

struct head {
    uint32_t magic;
    uint16_t version, type;
    int64_t ticket;
    uint32_t length; /* of the payload */
    uint32_t chunk, chunks;
    uint32_t crc; /* over the frame with this field 0 */
    uint32_t reserved;
} __attribute__((packed));

struct record_head {
    int64_t ticket;
    double seconds;
    uint32_t length;
} __attribute__((packed));

_Static_assert(sizeof(struct head) == WIRE_HEAD, "head");
_Static_assert(sizeof(struct record_head) == WIRE_RECORD_HEAD, "record head");

void wire_begin(struct buf *b) {
    static const struct head blank;
    buf_clear(b);
    buf_add(b, &blank, sizeof blank);
}

bool wire_fits(const struct buf *b, size_t n) {
    return b->len + WIRE_RECORD_HEAD + n <= WIRE_FRAME_MAX;
}

void wire_record(struct buf *b, int64_t ticket, double seconds,
                 const void *bytes, size_t n) {
    struct record_head h = {ticket, seconds, (uint32_t)n};
    buf_add(b, &h, sizeof h);
    buf_add(b, bytes, n);
}

void wire_finish(struct buf *b, enum wire_type type, int64_t ticket,
                 uint32_t chunk, uint32_t chunks) {
    struct head h = {
        .magic = MAGIC,
        .version = VERSION,
        .type = (uint16_t)type,
        .ticket = ticket,
        .length = (uint32_t)(b->len - sizeof h),
        .chunk = chunk,
        .chunks = chunks,
    };
    memcpy(b->data, &h, sizeof h);
    h.crc = crc32c(0, b->data, b->len);
    memcpy(b->data, &h, sizeof h);
}

/* ---- reading ---------------------------------------------------------------
 */

static bool crc_holds(const void *bytes, size_t n, const struct head *h) {
    struct head zeroed = *h;
    zeroed.crc = 0;
    uint32_t crc = crc32c(0, &zeroed, sizeof zeroed);
    const char *rest = (const char *)bytes + sizeof zeroed;
    return crc32c(crc, rest, n - sizeof zeroed) == h->crc;
}

static const char *fault_in_chunks(const struct head *h) {
    if (h->type == WIRE_CHUNK) {
        if (h->chunks < 2 || h->chunks > WIRE_CHUNKS_MAX ||
            h->chunk >= h->chunks)
            return "chunk numbers";
        return NULL;
    }
    return h->chunk == 0 && h->chunks == 1 ? NULL : "chunk numbers";
}

static const char *fault_in_head(const struct head *h, size_t n) {
    if (h->magic != MAGIC)
        return "magic";
    if (h->version != VERSION)
        return "version";
    if (h->type < WIRE_HELLO || h->type > WIRE_CHUNK)
        return "type";
    if (h->length != n - sizeof *h || h->reserved != 0)
        return "length";
    if ((h->type == WIRE_HELLO) != (h->length == 0))
        return "an empty frame";
    return fault_in_chunks(h);
}

bool wire_parse(const void *bytes, size_t n, struct wire_frame *out,
                const char **why) {
    struct head h;
    *why = "size";
    if (n < sizeof h || n > WIRE_FRAME_MAX)
        return false;
    memcpy(&h, bytes, sizeof h);
    *why = fault_in_head(&h, n);
    if (*why)
        return false;
    if (!crc_holds(bytes, n, &h)) {
        *why = "checksum";
        return false;
    }
    *out = (struct wire_frame){
        .type = (enum wire_type)h.type,
        .ticket = h.ticket,
        .chunk = h.chunk,
        .chunks = h.chunks,
        .payload = (const char *)bytes + sizeof h,
        .length = h.length,
    };
    return true;
}

bool wire_next(const struct wire_frame *f, size_t *at, struct wire_record *out,
               const char **why) {
    struct record_head h;
    *why = NULL;
    if (*at == f->length)
        return false;
    *why = "record";
    if (f->length - *at < sizeof h)
        return false;
    memcpy(&h, f->payload + *at, sizeof h);
    if (h.length > f->length - *at - sizeof h)
        return false;
    if (*at == 0 && h.ticket != f->ticket)
        return false;
    *out = (struct wire_record){
        .ticket = h.ticket,
        .seconds = h.seconds,
        .bytes = f->payload + *at + sizeof h,
        .length = h.length,
    };
    *at += sizeof h + h.length;
    *why = NULL;
    return true;
}
