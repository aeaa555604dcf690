/* Parameter spaces and canonical points. */
#ifndef BT_SEARCH_SPACE_H
#define BT_SEARCH_SPACE_H

#include "backlua.h"
#include "base/buf.h"

#include <stdbool.h>

enum { SPACE_MAX = 64 }; /* parameters */

enum value_kind { VALUE_INT, VALUE_FLOAT, VALUE_STRING, VALUE_BOOL };

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
