"""The language in which a command tells what has to be mended."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

VARIABLE = "KIT_LANG"
LANGUAGES = ("zh", "en")


def shown_language(arguments: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Return `zh` or `en`: what `--lang` says, else `KIT_LANG`, else Chinese for the commands named below.

    Arguments and environment are those of the running command by default. `kit standard`, `kit data import` and
    `kit data read` are for people who write standards and collect tables; the other commands, in English, are for
    those who run the kit.

    Examples
    --------
    >>> shown_language(["standard", "check", "taxi"], {}), shown_language(["score", "taxi"], {})
    ('zh', 'en')
    >>> shown_language(["standard", "check", "--lang", "en"], {"KIT_LANG": "zh"})
    'en'
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    environ = os.environ if environ is None else environ
    for position, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            given = value or next(iter(arguments[position + 1 :]), "")
            if given in LANGUAGES:
                return given
    if environ.get(VARIABLE) in LANGUAGES:
        return environ[VARIABLE]
    words = [argument for argument in arguments if not argument.startswith("-")]
    return "zh" if words[:1] == ["standard"] or words[:2] in (["data", "import"], ["data", "read"]) else "en"
