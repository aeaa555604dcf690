/* The two ends of the linker's --wrap=pow; see pow.c. */
#ifndef BT_HOST_POW_H
#define BT_HOST_POW_H

double __wrap_pow(double x, double y); /* what a call of pow reaches */
double __real_pow(double x, double y); /* libm's */

#endif
