/* Spaces and searches as canonical text for Lua: what manifests keep. */
#include "search/search.h"

const char *bt_space_text(const bt_space *s) {
    static struct buf text;
    buf_fini(&text);
    space_describe(s, &text);
    return text.data;
}

const char *bt_search_options_text(const bt_search_options *o) {
    static struct buf text;
    buf_fini(&text);
    search_options_describe(o, &text);
    return text.data;
}
