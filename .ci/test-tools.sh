#!/usr/bin/env bash
# What some tests open files with: a Chromium for pages, LibreOffice for workbooks and Word files; and the PostgreSQL
# that a test starts for itself. They are installed where the machine allows it; elsewhere these tests skip and say so.
set -u
wanted=()
found=
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && found=1
done
[ -n "$found" ] || wanted+=(chromium)
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted+=(postgresql)
installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q "install ok installed"; }
if command -v dpkg-query >/dev/null 2>&1; then
    for part in calc writer; do
        installed "libreoffice-$part-nogui" || installed "libreoffice-$part" || wanted+=("libreoffice-$part-nogui")
    done
fi
[ ${#wanted[@]} -eq 0 ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "installing ${wanted[*]} for the tests" >&2
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}") >/dev/null 2>&1 ||
        echo "${wanted[*]} could not be installed; the tests that need them will be skipped" >&2
else
    echo "no right to install ${wanted[*]}; the tests that need them will be skipped" >&2
fi
exit 0
