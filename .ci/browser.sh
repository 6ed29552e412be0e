#!/usr/bin/env bash
# Browser tests need a Chromium. Install it where the machine allows it; elsewhere the tests skip and say so.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "installing Chromium for the browser tests" >&2
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium) >/dev/null 2>&1 ||
        echo "Chromium could not be installed; browser tests will be skipped" >&2
else
    echo "no Chromium and no right to install it; browser tests will be skipped" >&2
fi
exit 0
