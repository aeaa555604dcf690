/* Who we are and what we are linked with.
 *
 * Version macros, not calls: the libraries are linked statically, and asking
 * OpenSSL at run time would pull its initialisation into the start.
 */
#include "backlua.h"

#include <elf.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <openssl/opensslv.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
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

/* ---- build id --------------------------------------------------------------
 * A note that the linker makes of the whole output, so that the content of the
 * program need not be hashed at each start. */

/* Of this output, where the linker put it. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

enum { ID_MAX = 64 };

/* The note of type NT_GNU_BUILD_ID among notes; NULL for none. */
static const ElfW(Nhdr) *
    find_id(const char *notes, size_t bytes, size_t align) {
    size_t at = 0;
    while (at + sizeof(ElfW(Nhdr)) <= bytes) {
        const ElfW(Nhdr) *note = (const void *)(notes + at);
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
            memcmp(note + 1, "GNU", 4) == 0 && note->n_descsz <= ID_MAX)
            return note;
        at += sizeof *note + (note->n_namesz + align - 1) / align * align;
        at += (note->n_descsz + align - 1) / align * align;
    }
    return NULL;
}

const char *bt_build_id(void) {
    static char text[2 * ID_MAX + 1];
    const char *base = __ehdr_start;
    const ElfW(Ehdr) *file = (const void *)base;
    const ElfW(Phdr) *head = (const void *)(base + file->e_phoff);
    const ElfW(Nhdr) *note = NULL;
    for (int i = 0; i < file->e_phnum && note == NULL; i++)
        if (head[i].p_type == PT_NOTE)
            note = find_id(base + head[i].p_vaddr, head[i].p_memsz,
                           head[i].p_align == 8 ? 8 : 4);
    const unsigned char *id = note ? (const void *)(note + 1) : NULL;
    for (unsigned i = 0; note && i < note->n_descsz; i++)
        snprintf(text + 2 * i, 3, "%02x", id[4 + i]);
    return text;
}
