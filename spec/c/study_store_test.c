/* Studies in memory and on disk: the same trials, the same bits, one writer. */
#include "study_fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void disk_and_memory_are_one(void **state) {
    (void)state;
    bt_study *memory, *disk, *back;
    assert_int_equal(bt_study_create(NULL, &memory), BT_OK);
    assert_int_equal(bt_study_create("one", &disk), BT_OK);
    for (int32_t n = 1; n <= 300; n++) {
        add(memory, n);
        add(disk, n);
        assert_int_equal(study_commit(disk, n % 50 == 0), BT_OK);
    }
    assert_int_equal(bt_study_saved(disk), 300);
    assert_int_equal(bt_study_saved(memory), 300);
    assert_int_equal(bt_study_open("one", &back), BT_OK);
    expect_trials(memory, 1, 300);
    expect_trials(disk, 1, 300);
    expect_trials(back, 1, 300);
    char a[65], b[65], c[65];
    bt_study_hash(memory, a);
    bt_study_hash(disk, b);
    bt_study_hash(back, c);
    assert_string_equal(a, b);
    assert_string_equal(a, c);
    assert_int_equal(bt_study_best(memory), bt_study_best(back));
    for (int32_t n = 1; n <= 300; n++) {
        const char *log = n % 10 == 0 ? "printed\n" : "";
        assert_string_equal(bt_study_log(memory, n), log);
        assert_string_equal(bt_study_log(disk, n), log);
        assert_string_equal(bt_study_log(back, n), log);
    }
    assert_string_equal(bt_study_log(back, 999), "");
    bt_study_close(memory);
    bt_study_close(disk);
    bt_study_close(back);
}

/* Two studies: with several objectives a front, with one a best. */
static void a_glance_knows_scores_and_the_best(void **state) {
    (void)state;
    for (int objectives = 1; objectives <= 2; objectives++) {
        bt_study *made, *seen;
        const char *name = objectives == 1 ? "plain" : "front";
        assert_int_equal(bt_study_create(name, &made), BT_OK);
        for (int32_t n = 1; n <= 200; n++) {
            bt_trial t = trial(n);
            t.more_count = objectives - 1;
            t.more[0] = -t.score;
            assert_int_equal(study_add(made, &t, NULL), BT_OK);
        }
        assert_int_equal(bt_study_set_meta(made, "objective", "custom"), BT_OK);
        assert_int_equal(study_commit(made, true), BT_OK);
        assert_int_equal(bt_study_glance(name, &seen), BT_OK);
        assert_int_equal(bt_study_count(seen), 200);
        assert_string_equal(bt_study_meta(seen, "objective"), "custom");
        int32_t a[200], b[200];
        int32_t members = bt_study_front(made, a, 200);
        assert_int_equal(bt_study_front(seen, b, 200), members);
        assert_memory_equal(a, b, (size_t)members * sizeof *a);
        assert_int_equal(bt_study_best(seen), bt_study_best(made));
        assert_int_equal(bt_study_best(seen) >= 0, objectives == 1);
        for (int32_t i = 0; i < 200; i++) {
            bt_trial t, u;
            assert_int_equal(bt_study_trial(made, i, &t), BT_OK);
            assert_int_equal(bt_study_trial(seen, i, &u), BT_OK);
            assert_int_equal(t.state, u.state);
            assert_memory_equal(&t.score, &u.score, sizeof t.score);
            assert_string_equal(u.params, "");
        }
        bt_study_close(made);
        bt_study_close(seen);
    }
    bt_study *none;
    assert_int_equal(bt_study_glance("plian", &none), BT_E_DATA);
}

static void order_of_adding_does_not_matter(void **state) {
    (void)state;
    bt_study *up, *down;
    assert_int_equal(bt_study_create(NULL, &up), BT_OK);
    assert_int_equal(bt_study_create("down", &down), BT_OK);
    for (int32_t n = 1; n <= 60; n++)
        add(up, n);
    for (int32_t n = 60; n >= 1; n--) {
        add(down, n);
        assert_int_equal(study_commit(down, n % 7 == 0), BT_OK);
    }
    assert_int_equal(study_commit(down, true), BT_OK);
    bt_study_close(down);
    assert_int_equal(bt_study_open("down", &down), BT_OK);
    char a[65], b[65];
    bt_study_hash(up, a);
    bt_study_hash(down, b);
    assert_string_equal(a, b);
    assert_int_equal(bt_study_find(down, 60), 59);
    assert_int_equal(bt_study_find(down, 61), -1);
    bt_trial t;
    assert_int_equal(bt_study_trial(down, 60, &t), BT_E_RANGE);
    assert_int_equal(bt_study_trial(down, -1, &t), BT_E_RANGE);
    bt_study_close(up);
    bt_study_close(down);
}

/* Each field of the hash changes it; times and attempts do not. */
static void the_hash_covers_what_it_says(void **state) {
    (void)state;
    char hash[11][65];
    for (int i = 0; i < 11; i++) {
        bt_study *s;
        bt_trial t = trial(1);
        t.number += i == 1;
        t.state = i == 2 ? BT_TRIAL_TIMEOUT : t.state;
        t.score = i == 3 ? t.score + 1 : t.score;
        t.more[0] += i == 8;
        t.more_count += i == 9;
        t.step_count += i == 10;
        t.params = i == 4 ? "fast=2" : t.params;
        if (i == 5)
            t.hash[0] = 'f';
        t.seconds += i == 6;
        t.attempts += i == 6;
        t.metrics[0] += i == 6;
        t.message = i == 7 ? "other" : t.message;
        assert_int_equal(bt_study_create(NULL, &s), BT_OK);
        assert_int_equal(study_add(s, &t, NULL), BT_OK);
        bt_study_hash(s, hash[i]);
        bt_study_close(s);
    }
    for (int i = 1; i <= 10; i++) {
        if (i != 6 && i != 7)
            assert_string_not_equal(hash[0], hash[i]);
    }
    assert_string_equal(hash[0], hash[6]);
    assert_string_equal(hash[0], hash[7]);
}

/* The example of spec/golden/STUDY_HASH.md. */
static void the_hash_is_the_documented_one(void **state) {
    (void)state;
    bt_study *s;
    char hash[65];
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    bt_trial t = trial(1);
    t.state = BT_TRIAL_DONE;
    t.score = 0.5;
    t.more_count = t.step_count = 0;
    t.params = "fast=5;mode=\"up\"";
    snprintf(t.hash, sizeof t.hash, "%064d", 1);
    assert_int_equal(study_add(s, &t, NULL), BT_OK);
    t.number = 2;
    t.state = BT_TRIAL_INFEASIBLE;
    t.score = NAN;
    t.params = "fast=6;mode=\"up\"";
    t.hash[0] = '\0';
    assert_int_equal(study_add(s, &t, NULL), BT_OK);
    bt_study_hash(s, hash);
    assert_string_equal(hash, "0b0083b02a4e1d6eaa9ce2ed709d4d85"
                              "8f3944e3982b86b2434fe7530725556a");
    assert_int_equal(bt_study_set_meta(s, "epochs", "2"), BT_OK);
    bt_study_hash(s, hash);
    assert_string_equal(hash, "f09810ac59ab4bc6a018deac0e124c53"
                              "f0f3d3499eca3914f910da5b6006b59b");
    bt_study_close(s);
}

/* Version 2 of the same page. */
static void several_scores_and_steps_are_in_the_hash(void **state) {
    (void)state;
    bt_study *s;
    char hash[65];
    double steps[] = {0.1, 0.5}, first[] = {-1.5};
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    bt_trial t = {.number = 1,
                  .state = BT_TRIAL_DONE,
                  .score = 0.5,
                  .more_count = 1,
                  .more = {-0.25},
                  .step_count = 2,
                  .steps = steps,
                  .params = "fast=5;mode=\"up\"",
                  .message = ""};
    snprintf(t.hash, sizeof t.hash, "%064d", 1);
    assert_int_equal(study_add(s, &t, NULL), BT_OK);
    t = (bt_trial){.number = 2,
                   .state = BT_TRIAL_PRUNED,
                   .score = NAN,
                   .more_count = 1,
                   .more = {NAN},
                   .step_count = 1,
                   .steps = first,
                   .params = "fast=6;mode=\"up\"",
                   .message = ""};
    assert_int_equal(study_add(s, &t, NULL), BT_OK);
    bt_study_hash(s, hash);
    assert_string_equal(hash, "6c33ef400fa9b88b06546fc5420ffaf4"
                              "0092e43af03100bd38ce1e0863ef5129");
    assert_int_equal(bt_study_best(s), -1);
    bt_study_close(s);
}

/* Of (1, 5) (2, 4) (2, 3) (3, 1) (3, 1) and a better one that is not done:
 * maximised, 2 3 is dominated; with the second minimised only 3 1 is left. */
static void the_front_is_what_nothing_dominates(void **state) {
    (void)state;
    static const double x[6][2] = {{1, 5}, {2, 4}, {2, 3},
                                   {3, 1}, {3, 1}, {9, 9}};
    bt_study *s;
    int32_t front[6];
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    assert_int_equal(bt_study_front(s, front, 6), 0);
    for (int i = 0; i < 6; i++) {
        bt_trial t = {.number = i + 1,
                      .state = i == 5 ? BT_TRIAL_VIOLATED : BT_TRIAL_DONE,
                      .score = x[i][0],
                      .more_count = 1,
                      .more = {x[i][1]},
                      .params = "",
                      .message = ""};
        assert_int_equal(study_add(s, &t, NULL), BT_OK);
    }
    assert_int_equal(bt_study_front(s, front, 6), 4);
    assert_int_equal(front[0], 0);
    assert_int_equal(front[1], 1);
    assert_int_equal(front[2], 3);
    assert_int_equal(front[3], 4);
    assert_int_equal(bt_study_set_meta(s, "higher_is_better", "1 0"), BT_OK);
    assert_int_equal(bt_study_front(s, front, 1), 2);
    assert_int_equal(front[0], 3);
    bt_study_close(s);
}

static void put(bt_study *s, int32_t n, int32_t trial_state, double score) {
    bt_trial t = trial(1);
    t.number = n;
    t.state = trial_state;
    t.score = score;
    t.more_count = 0;
    assert_int_equal(study_add(s, &t, NULL), BT_OK);
}

static void best_is_the_first_of_the_best_that_are_done(void **state) {
    (void)state;
    bt_study *s;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    assert_int_equal(bt_study_best(s), -1);
    put(s, 1, BT_TRIAL_INVALID, NAN);
    put(s, 2, BT_TRIAL_CRASHED, 99);
    assert_int_equal(bt_study_best(s), -1);
    put(s, 3, BT_TRIAL_DONE, NAN); /* never happens, never best */
    put(s, 4, BT_TRIAL_DONE, 1);
    put(s, 5, BT_TRIAL_DONE, 2);
    put(s, 6, BT_TRIAL_DONE, 2);
    put(s, 7, BT_TRIAL_DONE, -INFINITY);
    assert_int_equal(bt_study_best(s), 4);
    assert_int_equal(bt_study_set_meta(s, "higher_is_better", "0"), BT_OK);
    assert_int_equal(bt_study_best(s), 6);
    assert_int_equal(bt_study_set_meta(s, "higher_is_better", "1"), BT_OK);
    assert_int_equal(bt_study_best(s), 4);
    bt_study_close(s);
}

static void a_number_has_one_result(void **state) {
    (void)state;
    bt_study *s;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    add(s, 4);
    add(s, 4); /* the same again is fine */
    add(s, 3); /* NaN equals NaN here */
    add(s, 3);
    bt_trial t = trial(4);
    t.score += 1;
    assert_int_equal(study_add(s, &t, NULL), BT_E_REPRODUCE);
    expect_message("trial 4 does not come out as stored");
    t = trial(4);
    t.params = "other=1";
    assert_int_equal(study_add(s, &t, NULL), BT_E_REPRODUCE);
    t = trial(4);
    t.hash[3] = 'a';
    assert_int_equal(study_add(s, &t, NULL), BT_E_REPRODUCE);
    t = trial(4);
    t.seconds = t.attempts = 7; /* not part of the result */
    assert_int_equal(study_add(s, &t, NULL), BT_OK);
    assert_int_equal(bt_study_count(s), 2);
    bt_study_close(s);
}

static void names_are_checked_and_suggested(void **state) {
    (void)state;
    bt_study *s = NULL, *other = NULL;
    static const char *const bad[] = {"", "a/b", "../x", ".x", "-x", "a b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(bt_study_create(bad[i], &s), BT_E_USAGE);
        assert_int_equal(bt_study_open(bad[i], &s), BT_E_USAGE);
        assert_int_equal(bt_study_remove(bad[i]), BT_E_USAGE);
    }
    assert_int_equal(bt_study_open("grid-1", &s), BT_E_DATA);
    expect_message("no study 'grid-1'");
    assert_int_equal(bt_study_create("grid-1", &s), BT_OK);
    assert_int_equal(study_commit(s, true), BT_OK);
    assert_int_equal(bt_study_open("grdi-1", &other), BT_E_DATA);
    expect_message("did you mean 'grid-1'");
    assert_int_equal(bt_study_resume("grid-2", &other), BT_E_DATA);
    bt_study_close(s);
    assert_int_equal(bt_study_create("grid-1", &other), BT_E_USAGE);
    expect_message("study resume grid-1");
    assert_null(other);
}

static void the_folder_lists_and_forgets(void **state) {
    (void)state;
    bt_study *s;
    const char *const *names;
    int before = bt_study_list(&names);
    assert_int_equal(bt_study_create("zz", &s), BT_OK);
    assert_int_equal(study_commit(s, true), BT_OK);
    assert_int_equal(bt_study_list(&names), before + 1);
    assert_string_equal(names[before], "zz");
    assert_int_equal(bt_study_remove("zz"), BT_E_BUSY);
    bt_study_close(s);
    assert_int_equal(bt_study_remove("zz"), BT_OK);
    assert_int_equal(bt_study_list(&names), before);
    assert_int_equal(bt_study_remove("zz"), BT_E_DATA);
    assert_int_equal(bt_study_create("zz", &s), BT_OK);
    bt_study_close(s); /* made, but killed before its first commit, say */
    assert_int_equal(bt_study_list(&names), before);
    assert_int_equal(bt_study_create("zz", &s), BT_OK);
    bt_study_close(s);
}

static void the_manifest_comes_back(void **state) {
    (void)state;
    bt_study *s;
    assert_int_equal(bt_study_create("meta", &s), BT_OK);
    assert_int_equal(bt_study_set_meta(s, "seed", "1"), BT_OK);
    assert_int_equal(bt_study_set_meta(s, "seed", "2"), BT_OK);
    assert_int_equal(bt_study_set_meta(s, "text", "a\n\"b\" \xc3\xa4"), BT_OK);
    assert_int_equal(study_commit(s, true), BT_OK);
    assert_int_equal(bt_study_set_meta(s, "late", ""), BT_OK);
    assert_int_equal(study_commit(s, true), BT_OK);
    bt_study_close(s);
    assert_int_equal(bt_study_open("meta", &s), BT_OK);
    assert_string_equal(bt_study_meta(s, "seed"), "2");
    assert_string_equal(bt_study_meta(s, "text"), "a\n\"b\" \xc3\xa4");
    assert_string_equal(bt_study_meta(s, "late"), "");
    assert_null(bt_study_meta(s, "absent"));
    bt_study_close(s);
}

static void files_are_for_their_owner_only(void **state) {
    (void)state;
    bt_study *s;
    mode_t old = umask(0);
    assert_int_equal(bt_study_create("modes", &s), BT_OK);
    add(s, 1);
    assert_int_equal(study_commit(s, true), BT_OK);
    umask(old);
    static const char *const files[] = {"modes.study", "modes.study-journal",
                                        "modes.lock"};
    for (int i = 0; i < 3; i++) {
        char path[256];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", bt_study_folder(), files[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    bt_study_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disk_and_memory_are_one),
        cmocka_unit_test(a_glance_knows_scores_and_the_best),
        cmocka_unit_test(order_of_adding_does_not_matter),
        cmocka_unit_test(the_hash_covers_what_it_says),
        cmocka_unit_test(the_hash_is_the_documented_one),
        cmocka_unit_test(several_scores_and_steps_are_in_the_hash),
        cmocka_unit_test(the_front_is_what_nothing_dominates),
        cmocka_unit_test(best_is_the_first_of_the_best_that_are_done),
        cmocka_unit_test(a_number_has_one_result),
        cmocka_unit_test(names_are_checked_and_suggested),
        cmocka_unit_test(the_folder_lists_and_forgets),
        cmocka_unit_test(the_manifest_comes_back),
        cmocka_unit_test(files_are_for_their_owner_only),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
