/* Frames between a parent and its worker; see wire.c. */
#ifndef BT_PROC_WIRE_H
#define BT_PROC_WIRE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_FRAME_MAX = 65536, /* bytes of a frame, head included */
    WIRE_HEAD = 36,
    WIRE_RECORD_HEAD = 20,
    WIRE_RECORD_MAX = WIRE_FRAME_MAX - WIRE_HEAD - WIRE_RECORD_HEAD,
    WIRE_CHUNKS_MAX = 4096 /* so that a reply is at most 256 MiB */
};

enum wire_type {
    WIRE_HELLO = 1,   /* worker: alive, no records */
    WIRE_JOBS = 2,    /* parent: records, one a job */
    WIRE_REPLIES = 3, /* worker: records, one a reply */
    WIRE_CHUNK = 4    /* worker: one record, part of a reply */
};

struct wire_frame {
    enum wire_type type;
    int64_t ticket;         /* of the first record, 0 in HELLO */
    uint32_t chunk, chunks; /* 0-based; 0 of 1 unless WIRE_CHUNK */
    const char *payload;    /* records */
    size_t length;
};

struct wire_record {
    int64_t ticket;
    double seconds; /* of the work; 0 in a job */
    const char *bytes;
    size_t length;
};

/* Build a frame in b: begin, records, finish. */
void wire_begin(struct buf *b);
/* True when a record of n bytes still fits. */
bool wire_fits(const struct buf *b, size_t n);
void wire_record(struct buf *b, int64_t ticket, double seconds,
                 const void *bytes, size_t n);
void wire_finish(struct buf *b, enum wire_type type, int64_t ticket,
                 uint32_t chunk, uint32_t chunks);

/* Check every field of bytes[0..n-1]. out points into bytes. *why: what is
 * wrong when false. */
bool wire_parse(const void *bytes, size_t n, struct wire_frame *out,
                const char **why);
/* Next record; *at starts 0. False at the end; *why NULL there, else what is
 * wrong. */
bool wire_next(const struct wire_frame *f, size_t *at, struct wire_record *out,
               const char **why);

#endif
