std = "luajit"
max_line_length = 100
exclude_files = { "build/**" }
-- An unused self keeps a method a method; `_` and a trailing loop variable are meant.
self = false

files["spec"] = { std = "luajit+busted" }
files[".busted"] = { std = "luajit" }
-- A strategy may define these as globals, as Zipline's users do.
files["examples"] = {
    globals = { "params", "initialize", "handle_data", "before_trading_start", "analyze" },
}
-- Declarations for editors: nothing in them is used.
files["lua/backlua/meta"] = { ignore = { "211", "212", "241" }, max_line_length = false }
