/* Fuzzes the opening of bundles; see bundle.h and fuzz.h. */
#include "fuzz/bundle.h"
#include "fuzz/fuzz.h"

int main(int argc, char **argv) {
    int code = fuzz_main(argc, argv, fuzz_bundle);
    damage_teardown();
    return code;
}
