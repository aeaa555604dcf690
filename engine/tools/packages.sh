#!/bin/sh
# Sees to it that Debian packages are there.
#
#     packages.sh PACKAGE...
#
# What is missing is installed, as root or with a sudo that asks for nothing.
# Otherwise the exact line is printed and the exit code is 2. A system without dpkg
# is taken at its word.
set -u
command -v dpkg-query >/dev/null || exit 0

missing=
for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "backlua needs packages that are not installed. As root, run:" >&2
    echo "    $line" >&2
    exit 2
fi

echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if $as_root $line </dev/null >"$log" 2>&1 ||
    { $as_root apt-get update </dev/null >"$log" 2>&1 &&
        $as_root $line </dev/null >>"$log" 2>&1; }; then
    rm -f "$log"
    exit 0
fi
tail -n 20 "$log" >&2
rm -f "$log"
echo "This failed: $line" >&2
exit 2
