#!/bin/sh
# Makes a Debian package of what `make install` puts into place.
#
#     deb.sh BUILD VERSION MAKE        MAINTAINER="Name <mail>" in the environment
#
# The program links LuaJIT and lua-cjson statically (the engine's promises rest on
# how LuaJIT is linked) and the other libraries from Debian. dpkg-shlibdeps finds what
# the package depends on, lintian has the last word.
set -eu
build=$1 version=$2 make=$3
maintainer=${MAINTAINER:-"The backlua authors <authors@backlua.example>"}
arch=$(dpkg --print-architecture)
lib=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
root=$build/deb/root
package=$build/backlua_${version}_$arch.deb

rm -rf "$build/deb"
mkdir -p "$root/DEBIAN" "$build/deb/debian"
$make -s "$build/deb/backlua"
$make -s install PREFIX=/usr DESTDIR="$root" \
    LUA_LIBDIR="$lib/lua/5.1" PKG_LIBDIR="$lib/pkgconfig" >/dev/null
install "$build/deb/backlua" "$root/usr/bin/backlua"
find "$root" -name backlua -type f -perm -100 -o -name core.so |
    xargs strip --strip-unneeded --remove-section=.comment --remove-section=.note

# ---- documents ------------------------------------------------------------------

doc=$root/usr/share/doc/backlua
{
    echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
    echo
    echo "Files: *"
    sed -n 's/^Copyright (c) /Copyright: /p' LICENSE
    echo "License: MIT"
    sed -n '/^Permission/,$p' LICENSE | sed 's/^$/./; s/^/ /'
    echo
    echo "dygraphs travels in the program and in the reports it writes:"
    sed 's/^$/./; s/^/ /' /usr/share/doc/libjs-dygraphs/copyright
} >"$doc/copyright"
rm "$doc/LICENSE"
{
    echo "backlua ($version) bookworm; urgency=medium"
    echo
    echo "  * See README.md."
    echo
    echo " -- $maintainer  $(date -R -r LICENSE)"
} | gzip -9n >"$doc/changelog.gz"
gzip -9n "$root/usr/share/man/man1/backlua.1"

# ---- control --------------------------------------------------------------------

printf 'Source: backlua\n\nPackage: backlua\nArchitecture: any\n' \
    >"$build/deb/debian/control"
depends=$(cd "$build/deb" && dpkg-shlibdeps -O --ignore-missing-info \
    root/usr/bin/backlua "$(cd root && find usr -name core.so | sed 's|^|root/|')" \
    2>/dev/null | sed -n 's/^shlibs:Depends=//p')
size=$(du -sk --exclude=DEBIAN "$root" | cut -f1)
cat >"$root/DEBIAN/control" <<END
Package: backlua
Version: $version
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $size
Depends: $depends, tzdata
Suggests: luajit, lua-cjson
Section: science
Priority: optional
Description: backtests of Lua trading strategies and their parameter search
 Runs trading strategies written in Lua against historical bars, and searches
 their parameters on all cores: a C engine with LuaJIT inside, one program, no
 network, the same bytes every time. Also usable as a module of a plain LuaJIT.
END
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) \
    >"$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +
dpkg-deb --root-owner-group -Zxz -z3 --build "$root" "$package" >/dev/null
if command -v lintian >/dev/null; then
    lintian --fail-on error,warning "$package"
fi
echo "$package"
