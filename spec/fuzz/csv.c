/* Fuzzes the reading of files of bars; see csv.h and fuzz.h. */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz/csv.h"
#include "fuzz/fuzz.h"

int main(int argc, char **argv) {
    return fuzz_main(argc, argv, fuzz_csv);
}
