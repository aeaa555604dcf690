/* What a kind of search provides; search.c dispatches. */
#ifndef BT_SEARCH_KIND_H
#define BT_SEARCH_KIND_H

#include "search/search.h"

struct search_kind {
    bool adaptive; /* scores change what is asked next */
    bool (*ask)(struct search *s, struct point *out);
    /* NULL: it never looks */
    void (*tell)(struct search *s, const struct point *p, const bt_verdict *v);
    /* NULL: told as a trial without a number */
    void (*excluded)(struct search *s, const struct point *p);
    double (*total)(const struct search *s);
    /* NULL: all points are alike; see search_group */
    int32_t (*group)(const struct search *s, const struct point *p);
    void (*free)(struct search *s);
};

/* The first member of every search. */
struct search {
    const struct search_kind *kind;
    const bt_space *space; /* borrowed */
    uint64_t seed;
    int64_t asked, limit; /* limit: points to hand out at most, 0 = none */
    int32_t objectives;
};

struct search *grid_new(const bt_space *space, const struct grid_options *o);
struct search *random_new(const bt_space *space,
                          const struct random_options *o);
struct search *sobol_new(const bt_space *space);
struct search *lhs_new(const bt_space *space);
struct search *tpe_new(const bt_space *space, const struct tpe_options *o);
struct search *gp_new(const bt_space *space, const struct gp_options *o);
struct search *genetic_new(const bt_space *space,
                           const struct genetic_options *o);
struct search *cmaes_new(const bt_space *space, const struct cmaes_options *o);
struct search *nsga_new(const bt_space *space, const struct nsga_options *o);
struct search *listed_new(const struct search_options *o);
bt_status walk_new(const struct walk_options *o, struct search **out);
void walk_describe(const struct walk_options *o, struct buf *out);

#endif
