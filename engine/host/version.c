/* Who we are and what we are linked with.
 *
 * Version macros, not calls: the libraries are linked statically, and asking
 * OpenSSL at run time would pull its initialisation into the start.
 */
#include "backlua.h"

#include <gnu/libc-version.h>
#include <openssl/opensslv.h>
#include <sqlite3.h>
#include <stdio.h>
#include <zlib.h>

const char *bt_version(void) {
    return "0.1.0";
}

const char *bt_build_info(void) {
    static char text[256];
    snprintf(text, sizeof text,
             "SQLite " SQLITE_VERSION ", OpenSSL " OPENSSL_VERSION_STR
             ", zlib " ZLIB_VERSION ", glibc %s, compiler " __VERSION__,
             gnu_get_libc_version());
    return text;
}
