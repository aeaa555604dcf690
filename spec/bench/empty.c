/* The floor of an FFI call: a function that does nothing. Built as a
 * library. */
double bench_nothing(double x);

double bench_nothing(double x) {
    return x;
}
