/* backlua: everything that Lua may call.
 *
 * This header is the manual of the C side and the one source of every FFI
 * declaration: the build preprocesses it into text that travels in the binary,
 * and lua/backlua/ffi.lua declares from it.
 *
 * Conventions. Fallible functions return bt_status and write their results
 * through trailing out arguments, which keep their value on failure; the
 * message is bt_error_message(). `const T *` results are borrowed. new/free own
 * memory, open/close hold something of the system, acquire/release count. Times
 * are microseconds since 1970-01-01T00:00:00Z. Rows are 0-based positions in
 * the calendar of a bundle; asset ids (sid) are 0-based positions in its asset
 * list. Fields named hidden_* get a random name in every process, so that a
 * script can hold a view and not its pointer.
 */
#ifndef BACKLUA_H
#define BACKLUA_H

#include "backlua/base.h"
#include "backlua/bundle.h"
#include "backlua/indicator.h"
#include "backlua/ingest.h"
#include "backlua/odds.h"
#include "backlua/result.h"
#include "backlua/run.h"
#include "backlua/search.h"
#include "backlua/statistics.h"
#include "backlua/study.h"
#include "backlua/view.h"
#include "backlua/worker.h"

#endif
