/* x^2 is x*x, whoever computes it.
 *
 * LuaJIT's compiler turns x^2 into x*x, its interpreter calls libm's pow, and
 * the two differ in the last bit for one value in a thousand: a result would
 * depend on when a loop got compiled. The program is linked with --wrap=pow, so
 * that every call of pow in LuaJIT and in the engine arrives here. Other
 * exponents already agree.
 */
#include "host/pow.h"

double __wrap_pow(double x, double y) {
    return y == 2 ? x * x : __real_pow(x, y);
}
