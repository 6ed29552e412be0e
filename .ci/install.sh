#!/usr/bin/env bash
# Make or complete the virtual environment $1 from requirements.lock with the package and extras $2, for example ".[dev]".
# uv does it several times faster; where it cannot be had, pip does the same from the same lock file.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1
what=$2
uv_version=0.13.9

find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.11, 3.12 or 3.13 is needed and none was found; set PYTHON=/path/to/python" >&2
    exit 2
}

if [ ! -x "$venv/bin/python" ]; then
    python=$(find_python)
    "$python" -m venv "$venv" || {
        echo "the module venv is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 2
    }
fi

# The index that pip is set up with, if any, holds for uv too.
index=$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)
[ -n "${PIP_INDEX_URL:-}" ] && index=$PIP_INDEX_URL
if [ ! -x "$venv/bin/uv" ]; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv_version" 2>/dev/null || true
fi
if [ -x "$venv/bin/uv" ] && UV_LINK_MODE=${UV_LINK_MODE:-copy} "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" \
    ${index:+--default-index "$index"} --constraint requirements.lock --editable "$what"; then
    :
else
    echo "installing with pip" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable "$what"
fi
case $what in
*dev*) touch "$venv/.dev" ;;
*) touch "$venv/.run" ;;
esac
