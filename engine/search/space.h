/* Parameter spaces and canonical points. */
#ifndef BT_SEARCH_SPACE_H
#define BT_SEARCH_SPACE_H

#include "backlua.h"
#include "base/buf.h"

#include <stdbool.h>

enum { SPACE_MAX = 64 }; /* parameters */

/* NONE: the parameter is not active at this point. */
enum value_kind {
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_BOOL,
    VALUE_NONE
};

/* One coordinate: what the strategy gets. string is borrowed from the space. */
struct value {
    enum value_kind kind;
    int32_t choice; /* position among the choices, -1 when not categorical */
    double number;  /* INT, FLOAT; BOOL as 0 or 1 */
    const char *string;
};

struct point {
    int32_t count; /* = space_count */
    struct value value[SPACE_MAX];
};

int32_t space_count(const bt_space *s);
const char *space_name(const bt_space *s, int32_t i);
/* True when no parameter is continuous: the grid is then the whole space. */
bool space_is_finite(const bt_space *s);
/* True when all levels of all parameters are as likely under the priors. */
bool space_is_even(const bt_space *s);
/* True when some parameter depends on another. */
bool space_has_conditions(const bt_space *s);
/* Takes out what is not active, given the values of the others. */
void point_settle(const bt_space *s, struct point *p);
/* The points of a space without continuous parameters as 0 .. cardinality - 1,
 * each once; cardinality at most 2^53. */
uint64_t space_rank(const bt_space *s, const struct point *p);
void space_point(const bt_space *s, uint64_t rank, struct point *out);
/* Grid cardinality of one parameter and its k-th grid value. */
int64_t space_levels(const bt_space *s, int32_t i);
void space_level(const bt_space *s, int32_t i, int64_t k, struct value *out);
/* A value from a uniform number in [0,1) and, under the normal prior, from a
 * standard normal one. */
void space_sample(const bt_space *s, int32_t i, double unit, double normal,
                  struct value *out);
/* True when sampling the parameter wants the normal number. */
bool space_wants_normal(const bt_space *s, int32_t i);
/* Canonical text, sorted by name: fast=20;mode="up";slow=100. Floats shortest
 * round-trip, always with '.', 'e', "inf" or "nan"; strings quoted, with
 * backslash escapes. The identity of a parameter set everywhere. */
void point_canonical(const bt_space *s, const struct point *p, struct buf *out);
/* A point as bytes for a worker that holds the same space, and back. False when
 * the bytes are not a point of the space. */
void point_pack(const bt_space *s, const struct point *p, struct buf *out);
bool point_unpack(const bt_space *s, const void *bytes, size_t n,
                  struct point *out);
/* Text that says what the space is, canonical; part of a study's manifest. */
void space_describe(const bt_space *s, struct buf *out);

#endif
