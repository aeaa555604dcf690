/* Walk-forward: stages in order, windows in turn, nothing before it is
 * known. */
#include "search_support.h"

#include <math.h>
#include <stdio.h>

enum { WINDOWS = 2, LOG = 400 };

struct step {
    int window;
    char stage; /* 't'rain, 'v'alidation, 'e'nd: the test */
    double x;
};

struct walk_test {
    bt_space *inner, *outer;
    bt_search_options *search, *walk;
    struct search *s;
};

static void add_x(bt_space *s, int64_t max) {
    assert_int_equal(bt_space_int(s, "x", 1, max, 1), BT_OK);
}

static void open_walk(struct walk_test *t, const char *kind, int64_t max,
                      double trials, int32_t keep, int32_t validation) {
    t->inner = bt_space_new();
    t->outer = bt_space_new();
    add_x(t->inner, max);
    add_x(t->outer, max);
    bt_space_int(t->outer, "window", 1, WINDOWS, 1);
    bt_space_choice(t->outer, "stage");
    bt_space_choice_string(t->outer, "train");
    bt_space_choice_string(t->outer, "validation");
    bt_space_choice_string(t->outer, "test");
    assert_int_equal(bt_search_options_new(kind, 0, 7, &t->search), BT_OK);
    assert_int_equal(bt_search_walk_new(t->inner, t->search, WINDOWS, trials,
                                        keep, validation, &t->walk),
                     BT_OK);
    assert_int_equal(search_new(t->outer, t->walk, &t->s), BT_OK);
}

static void close_walk(struct walk_test *t) {
    search_free(t->s);
    bt_search_options_free(t->walk);
    bt_search_options_free(t->search);
    bt_space_free(t->outer);
    bt_space_free(t->inner);
}

static struct step step_of(const struct point *p) {
    assert_int_equal(p->count, 3);
    const char *stage = p->value[2].string;
    return (struct step){(int)p->value[1].number,
                         stage[0] == 't' && stage[1] == 'e' ? 'e' : stage[0],
                         p->value[0].number};
}

/* Window 1 trains best on a large x, window 2 on a small one; validation
 * prefers x = 3. */
static double score_of(const struct step *k) {
    if (k->stage == 'v')
        return -fabs(k->x - 3);
    return k->window == 1 ? k->x : -k->x;
}

/* Asked and told one by one, to the end. */
static int run(struct walk_test *t, struct step *log) {
    struct point p;
    int n = 0;
    while (search_ask(t->s, &p)) {
        assert_true(n < LOG);
        log[n] = step_of(&p);
        search_tell(t->s, &p, score_of(&log[n]));
        n++;
    }
    return n;
}

/* What one window did, as text: "t1 t2 v2 e2". */
static void story(const struct step *log, int n, int window, char *out) {
    *out = '\0';
    for (int i = 0; i < n; i++)
        if (log[i].window == window)
            out += sprintf(out, "%c%g ", log[i].stage, log[i].x);
}

static void test_stages(void **state) {
    (void)state;
    struct walk_test t;
    struct step log[LOG];
    char text[400];
    open_walk(&t, "grid", 4, 0, 2, 1);
    assert_true(search_is_adaptive(t.s));
    assert_true(search_total(t.s) == 2 * (4 + 2 + 1));
    int n = run(&t, log);
    assert_int_equal(n, 14);
    for (int i = 0; i < n; i++)
        assert_int_equal(log[i].window, 1 + i % 2); /* in turn */
    story(log, n, 1, text);
    assert_string_equal(text, "t1 t2 t3 t4 v4 v3 e3 ");
    story(log, n, 2, text);
    assert_string_equal(text, "t1 t2 t3 t4 v1 v2 e2 ");
    close_walk(&t);
}

static void test_one_candidate(void **state) {
    (void)state;
    struct walk_test t;
    struct step log[LOG];
    char text[400];
    open_walk(&t, "grid", 3, 0, 1, 1);
    story(log, run(&t, log), 2, text);
    assert_string_equal(text, "t1 t2 t3 v1 e1 ");
    close_walk(&t);
    open_walk(&t, "grid", 3, 0, 1, 0);
    story(log, run(&t, log), 1, text);
    assert_string_equal(text, "t1 t2 t3 e3 ");
    close_walk(&t);
}

/* A stage begins when the one before has been told in full. */
static void test_waits(void **state) {
    (void)state;
    struct walk_test t;
    struct point asked[LOG], p;
    int n = 0;
    open_walk(&t, "grid", 5, 3, 2, 1);
    while (search_ask(t.s, &asked[n]))
        n++;
    assert_int_equal(n, 6); /* 3 trials in each window */
    for (int i = 0; i < n; i++) {
        if (i < n - 2)
            assert_false(search_ask(t.s, &p));
        struct step k = step_of(&asked[i]);
        search_tell(t.s, &asked[i], score_of(&k));
    }
    assert_true(search_ask(t.s, &p));
    assert_int_equal(step_of(&p).stage, 'v');
    close_walk(&t);
}

static void test_excluded_points_are_free(void **state) {
    (void)state;
    struct walk_test t;
    struct point p;
    int counted = 0, free_of_charge = 0, others = 0;
    open_walk(&t, "random", 1000, 5, 1, 1);
    while (search_ask(t.s, &p)) {
        struct step k = step_of(&p);
        bool odd = k.stage == 't' && (int)k.x % 2;
        others += k.stage != 't';
        counted += k.stage == 't' && !odd;
        free_of_charge += odd;
        if (odd)
            search_exclude(t.s, &p);
        else
            search_tell(t.s, &p, score_of(&k));
    }
    assert_int_equal(counted, 10);
    assert_true(free_of_charge > 0);
    assert_int_equal(others, 4);
    close_walk(&t);
}

static void test_everything_excluded_ends(void **state) {
    (void)state;
    struct walk_test t;
    struct point p;
    int n = 0;
    open_walk(&t, "random", 100000, 5, 1, 1);
    while (search_ask(t.s, &p)) {
        assert_int_equal(step_of(&p).stage, 't');
        search_exclude(t.s, &p);
        n++;
    }
    assert_int_equal(n, WINDOWS * 10000);
    close_walk(&t);
}

/* Without a score there is nothing to validate or to test. */
static void test_no_score(void **state) {
    (void)state;
    struct walk_test t;
    struct point p;
    int n = 0;
    open_walk(&t, "grid", 3, 0, 2, 1);
    while (search_ask(t.s, &p)) {
        struct step k = step_of(&p);
        search_tell(t.s, &p, k.window == 1 ? (double)NAN : k.x);
        n += k.window == 1;
        assert_true(k.window == 2 || k.stage == 't');
    }
    assert_int_equal(n, 3);
    close_walk(&t);
}

/* x that the window tested, when candidates 8, 7 and 6 have these scores in
 * validation and violate a constraint there by so much. */
static double tested_after(const double score[3], const double violation[3]) {
    struct walk_test t;
    struct point p;
    double x = 0;
    open_walk(&t, "grid", 8, 0, 3, 1);
    while (search_ask(t.s, &p)) {
        struct step k = step_of(&p);
        bt_verdict v = {.score = {k.x}};
        if (k.stage == 'v') {
            v.score[0] = score[8 - (int)k.x];
            v.violation = violation[8 - (int)k.x];
        }
        if (k.stage == 'e')
            x = k.x;
        search_judge(t.s, &p, &v);
    }
    close_walk(&t);
    return x;
}

#define TESTED(a, b, c, d, e, f)                                               \
    tested_after((double[]){a, b, c}, (double[]){d, e, f})

static void test_violated_in_validation(void **state) {
    (void)state;
    assert_true(TESTED(1, 3, 2, 0, 0, 0) == 7);
    assert_true(TESTED(1, 3, 2, 0, 9, 0) == 6);
    assert_true(TESTED(1, 3, 2, 5, 9, 0) == 6);
    assert_true(TESTED(1, 3, 2, 5, 9, 5) == 7); /* all: by score */
    assert_true(TESTED(NAN, NAN, 2, 0, 0, 9) == 6);
    assert_true(TESTED(NAN, NAN, NAN, 0, 0, 9) == 8); /* the best of train */
}

/* A window trains on what its search would ask alone, with seed + position. */
static void test_as_alone(void **state) {
    (void)state;
    struct walk_test t;
    struct step log[LOG];
    open_walk(&t, "random", 100000, 20, 1, 1);
    int n = run(&t, log);
    for (int w = 0; w < WINDOWS; w++) {
        struct search_options o;
        struct search *alone;
        struct point p;
        search_options_init(&o, BT_SEARCH_RANDOM);
        o.seed = 7 + (uint64_t)w;
        assert_int_equal(search_new(t.inner, &o, &alone), BT_OK);
        for (int i = 0; i < n; i++) {
            if (log[i].window != w + 1 || log[i].stage != 't')
                continue;
            assert_true(search_ask(alone, &p));
            assert_true(p.value[0].number == log[i].x);
        }
        search_free(alone);
    }
    close_walk(&t);
}

/* Told backwards: train 1 2 3 by 3 2 1, validation likewise. */
static void test_any_order(void **state) {
    (void)state;
    struct walk_test t;
    struct point asked[LOG];
    struct step log[LOG];
    char text[400];
    int all = 0, n;
    open_walk(&t, "grid", 4, 0, 2, 1);
    do {
        n = 0;
        while (search_ask(t.s, &asked[n]))
            n++;
        for (int i = n - 1; i >= 0; i--) {
            struct step k = step_of(&asked[i]);
            search_tell(t.s, &asked[i], score_of(&k));
        }
        for (int i = 0; i < n; i++)
            log[all++] = step_of(&asked[i]);
    } while (n > 0);
    story(log, all, 1, text);
    assert_string_equal(text, "t1 t2 t3 t4 v4 v3 e3 ");
    story(log, all, 2, text);
    assert_string_equal(text, "t1 t2 t3 t4 v1 v2 e2 ");
    close_walk(&t);
}

/* What a walk of another time came to, told before the first ask: `count`
 * trials of it. Returns what is asked then. */
static int go_on(const char *kind, const struct step *before, int count,
                 struct step *log) {
    struct walk_test t;
    open_walk(&t, kind, 1000, 12, 2, 1);
    search_free(t.s);
    bt_point *p = bt_point_new(t.outer);
    for (int i = 0; i < count; i++) {
        char stage = before[i].stage;
        bt_verdict v = {.score = {score_of(&before[i])}};
        bt_point_clear(p);
        bt_point_number(p, "x", before[i].x);
        bt_point_number(p, "window", before[i].window);
        bt_point_string(p, "stage",
                        stage == 't'   ? "train"
                        : stage == 'v' ? "validation"
                                       : "test");
        assert_int_equal(bt_search_options_known(t.walk, p, &v), BT_OK);
    }
    bt_point_free(p);
    assert_int_equal(search_new(t.outer, t.walk, &t.s), BT_OK);
    int n = run(&t, log);
    close_walk(&t);
    return n;
}

static int count_of(const struct step *log, int n, char stage) {
    int count = 0;
    for (int i = 0; i < n; i++)
        count += log[i].stage == stage;
    return count;
}

/* A search that learns counts what is known of train; another one asks all of
 * it again. Validation and test are always asked again. */
static void test_goes_on(void **state) {
    (void)state;
    static const char *const kinds[] = {"tpe", "random"};
    for (int i = 0; i < 2; i++) {
        struct walk_test t;
        struct step before[LOG], log[LOG];
        open_walk(&t, kinds[i], 1000, 12, 2, 1);
        int all = run(&t, before);
        close_walk(&t);
        assert_int_equal(all, 2 * (12 + 2 + 1));
        int n = go_on(kinds[i], before, 14, log);
        assert_int_equal(count_of(log, n, 't'), i == 0 ? 24 - 14 : 24);
        assert_int_equal(count_of(log, n, 'v'), 4);
        assert_int_equal(count_of(log, n, 'e'), 2);
        n = go_on(kinds[i], before, all, log); /* nothing is missing */
        assert_int_equal(count_of(log, n, 't'), i == 0 ? 0 : 24);
        char was[400], is[400];
        for (int w = 1; w <= 2; w++) {
            story(before + 24, all - 24, w, was);
            story(log + (i == 0 ? 0 : 24), n - (i == 0 ? 0 : 24), w, is);
            assert_string_equal(was, is);
        }
    }
}

static void test_groups(void **state) {
    (void)state;
    struct walk_test t;
    struct point p;
    open_walk(&t, "grid", 2, 0, 1, 1);
    while (search_ask(t.s, &p)) {
        struct step k = step_of(&p);
        assert_int_equal(search_group(t.s, &p), k.stage == 't' ? k.window : -1);
        search_tell(t.s, &p, score_of(&k));
    }
    close_walk(&t);
}

static void test_limits(void **state) {
    (void)state;
    struct walk_test t;
    bt_search_options *o;
    open_walk(&t, "tpe", 9, 12, 3, 1);
    assert_string_equal(bt_search_options_text(t.walk),
                        "walk(windows=2,trials=12,keep=3,validation=1,"
                        "tpe(n_startup_trials=10,n_candidates=24,"
                        "multivariate=-1,group=1))");
    assert_int_equal(bt_search_walk_new(t.inner, t.search, 0, 1, 1, 1, &o),
                     BT_E_RANGE);
    assert_int_equal(bt_search_walk_new(t.inner, t.search, 2, -1, 1, 1, &o),
                     BT_E_RANGE);
    assert_int_equal(bt_search_walk_new(t.inner, t.search, 2, 1, 0, 1, &o),
                     BT_E_RANGE);
    assert_int_equal(bt_search_options_new("walk", 0, 0, &o), BT_E_NAME);
    close_walk(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stages),
        cmocka_unit_test(test_one_candidate),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_excluded_points_are_free),
        cmocka_unit_test(test_everything_excluded_ends),
        cmocka_unit_test(test_no_score),
        cmocka_unit_test(test_violated_in_validation),
        cmocka_unit_test(test_as_alone),
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
