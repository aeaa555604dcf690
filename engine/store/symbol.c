/* Who bore a symbol when.
 *
 * An asset has one symbol in the catalogue, its last; changes of symbol say
 * what it was called until when. A name may pass from one asset to another. So
 * a look-up has a day, and answers with the asset that bore the name then; else
 * with the one that bears it last; else with the last one that ever did. Cost:
 * a map, and a pass over the actions.
 */
#include "store/actions.h"
#include "store/asset.h"
#include "store/bundle.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* Of the changes of symbol list[0 .. n-1] of one asset. */
struct past {
    bool bore, bore_then;
    int32_t until, since; /* of the name; of the asset's last one */
};

static struct past past_of(const bt_action *list, int32_t n, const char *symbol,
                           int32_t day) {
    struct past p = {.until = INT_MIN, .since = INT_MIN};
    for (int32_t i = 0; i < n; i++) {
        if (list[i].kind != BT_ACTION_SYMBOL)
            continue;
        if (strcmp(list[i].text, symbol) == 0) {
            p.bore = true;
            p.bore_then |= day >= p.since && day < list[i].day;
            p.until = list[i].day;
        }
        p.since = list[i].day;
    }
    return p;
}

static int32_t count_of(const struct actions *a, int32_t first) {
    int32_t n = 0;
    while (first + n < a->count && a->list[first + n].sid == a->list[first].sid)
        n++;
    return n;
}

int32_t bt_bundle_find_at(const bt_bundle *b, const char *symbol, int32_t day,
                          int32_t *how) {
    const struct actions *a = bundle_actions(b);
    int32_t last = bt_bundle_find(b, symbol), then = -1, once = -1;
    int32_t until = INT_MIN;
    bool always = true, last_then = last >= 0;
    for (int32_t i = 0, n; i < a->count; i += n) {
        n = count_of(a, i);
        struct past p = past_of(&a->list[i], n, symbol, day);
        int32_t sid = a->list[i].sid;
        always = always && !p.bore && (sid != last || p.since == INT_MIN);
        last_then = last_then && (sid != last || day >= p.since);
        then = p.bore_then ? sid : then;
        once = p.bore && p.until > until ? sid : once;
        until = p.bore && p.until > until ? p.until : until;
    }
    bool bears = then >= 0 || last_then;
    *how = always ? BT_SYMBOL_ALWAYS : bears ? BT_SYMBOL_THEN : BT_SYMBOL_ONCE;
    return then >= 0 ? then : last >= 0 ? last : once;
}
