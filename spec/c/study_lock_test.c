/* A study has one writer, and readers that only delay it. */
#include "study_fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void one_writer_at_a_time(void **state) {
    (void)state;
    bt_study *s, *second = NULL, *reader;
    assert_int_equal(bt_study_create("mine", &s), BT_OK);
    add(s, 1);
    assert_int_equal(study_commit(s, true), BT_OK);
    char pid[32];
    snprintf(pid, sizeof pid, "process %d on", (int)getpid());
    assert_int_equal(bt_study_resume("mine", &second), BT_E_BUSY);
    expect_message(pid);
    assert_int_equal(bt_study_create("mine", &second), BT_E_BUSY);
    assert_null(second);
    assert_int_equal(bt_study_open("mine", &reader), BT_OK);
    bt_trial t = trial(2);
    assert_int_equal(study_add(reader, &t, NULL), BT_E_STATE);
    assert_int_equal(bt_study_set_meta(reader, "a", "b"), BT_E_STATE);
    bt_study_close(reader);
    bt_study_unlock(s); /* it is read from now on */
    assert_int_equal(bt_study_resume("mine", &second), BT_OK);
    assert_int_equal(study_add(s, &t, NULL), BT_E_STATE);
    add(second, 10);
    assert_int_equal(study_commit(second, true), BT_OK);
    assert_string_equal(bt_study_log(s, 10), ""); /* not read again */
    expect_trials(s, 1, 1);
    bt_study_close(s);
    assert_string_equal(bt_study_log(second, 10), "printed\n");
    bt_study_close(second);
}

static void the_lock_goes_with_its_owner(void **state) {
    (void)state;
    int ready[2];
    bt_study *s = NULL;
    assert_int_equal(pipe(ready), 0);
    pid_t owner = fork();
    if (owner == 0) {
        bool ok = bt_study_create("theirs", &s) == BT_OK;
        add(s, 1);
        ok = ok && study_commit(s, true) == BT_OK;
        if (write(ready[1], ok ? "1" : "0", 1) != 1)
            _exit(1);
        pause();
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, '1');
    assert_int_equal(bt_study_resume("theirs", &s), BT_E_BUSY);
    kill(owner, SIGKILL);
    waitpid(owner, NULL, 0);
    assert_int_equal(bt_study_resume("theirs", &s), BT_OK);
    expect_trials(s, 1, 1);
    bt_study_close(s);
    close(ready[0]);
    close(ready[1]);
}

static void a_forked_copy_touches_nothing(void **state) {
    (void)state;
    bt_study *s;
    assert_int_equal(bt_study_create("copy", &s), BT_OK);
    add(s, 1);
    pid_t child = fork();
    if (child == 0) {
        bt_trial t = trial(2);
        bool ok = study_add(s, &t, NULL) == BT_E_STATE &&
                  bt_study_set_meta(s, "a", "b") == BT_E_STATE &&
                  study_commit(s, true) == BT_OK && bt_study_count(s) == 1;
        bt_study_close(s);
        _exit(ok ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(study_commit(s, true), BT_OK);
    assert_int_equal(bt_study_saved(s), 1);
    bt_study_close(s);
}

/* ---- readers of a live study --------------------------------------------- */

static sqlite3 *open_directly(const char *name) {
    char path[256];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/%s.study", bt_study_folder(), name);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void a_reader_only_delays_the_writer(void **state) {
    (void)state;
    bt_study *s;
    assert_int_equal(bt_study_create("held", &s), BT_OK);
    add(s, 1);
    assert_int_equal(study_commit(s, true), BT_OK);
    sqlite3 *db = open_directly("held");
    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    sqlite3_exec(db, "SELECT * FROM trial", NULL, NULL, NULL);
    for (int32_t n = 2; n <= 100; n++)
        add(s, n);
    usleep(250000);
    for (int i = 0; i < 3; i++) { /* tries and gives way */
        study_commit(s, false);
        usleep(250000);
        assert_int_equal(study_commit(s, false), BT_OK);
        add(s, 101 + i);
    }
    assert_int_equal(bt_study_saved(s), 1);
    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_int_equal(study_commit(s, true), BT_OK);
    assert_int_equal(study_commit(s, true), BT_OK);
    assert_int_equal(bt_study_saved(s), 103);
    bt_study_close(s);
    assert_int_equal(bt_study_open("held", &s), BT_OK);
    expect_trials(s, 1, 103);
    bt_study_close(s);
}

static void readers_see_whole_commits(void **state) {
    (void)state;
    bt_study *s;
    assert_int_equal(bt_study_create("live", &s), BT_OK);
    assert_int_equal(study_commit(s, true), BT_OK);
    pid_t reader = fork();
    if (reader == 0) {
        int32_t seen = 0;
        bool ok = true;
        while (ok && seen < 400) {
            bt_study *r;
            ok = bt_study_open("live", &r) == BT_OK;
            if (!ok)
                break;
            ok = bt_study_count(r) % 20 == 0 && bt_study_count(r) >= seen;
            seen = bt_study_count(r);
            bt_study_close(r);
        }
        _exit(ok ? 0 : 1);
    }
    for (int32_t n = 1; n <= 400; n++) {
        add(s, n);
        if (n % 20 == 0)
            assert_int_equal(study_commit(s, true), BT_OK);
    }
    int status;
    waitpid(reader, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    bt_study_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_writer_at_a_time),
        cmocka_unit_test(the_lock_goes_with_its_owner),
        cmocka_unit_test(a_forked_copy_touches_nothing),
        cmocka_unit_test(a_reader_only_delays_the_writer),
        cmocka_unit_test(readers_see_whole_commits),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
