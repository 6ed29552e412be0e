"""What a person is told when something given to the kit is not right.

Every message says what was given, where, what is allowed, the nearest name and what to do. Several mistakes are
reported together: a drafter mends a file in one go, not one run per mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

VALUE_WIDTH = 80


class KitError(Exception):
    """An error that is the user's to mend; shown without a traceback by the command line. `str()` is English."""

    def text(self, lang: str = "zh") -> str:
        """Return the error in `lang`; in English where there is no Chinese for it.

        Examples
        --------
        >>> KitError("no standard 'taix'; there are: taxi; did you mean taxi?, or give a path").text()
        '没有标准“taix”；是不是想写“taxi”？现有：taxi；也可以写文件的路径'
        """
        return _in_chinese(str(self)) if lang == "zh" else str(self)


def _in_chinese(message: str) -> str:
    from kit.messages import in_chinese  # read only when something is wrong

    return in_chinese(message)


def cut(value: object, width: int = VALUE_WIDTH) -> str:
    """Return `value` as one line of at most `width` characters, for messages.

    Examples
    --------
    >>> cut("a" * 100, 10)
    'aaaaaaaaa…'
    """
    text = " ".join(str(value).split())
    return text if len(text) <= width else text[: width - 1] + "…"


def nearest(name: str, options: Iterable[str]) -> str | None:
    """Return the option that `name` most likely meant, or None when none is close.

    Examples
    --------
    >>> nearest("vehicel_age", ["vehicle_age", "fleet_size"])
    'vehicle_age'
    """
    found = difflib.get_close_matches(str(name), [str(option) for option in options], n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(name: str, options: Iterable[str], *, allowed: str = "allowed") -> str:
    """Return the tail of a message: what is allowed, and the nearest name where there is one.

    Examples
    --------
    >>> did_you_mean("mayor", ["low", "major"])
    'allowed: low, major; did you mean major?'
    """
    choices = sorted({str(option) for option in options})
    shown = ", ".join(choices[:20]) + (f", … ({len(choices)} in all)" if len(choices) > 20 else "")
    text = f"{allowed}: {shown or 'nothing'}"
    guess = nearest(name, choices)
    return f"{text}; did you mean {guess}?" if guess else text


@dataclass(frozen=True)
class Problem:
    """One mistake in one place.

    Attributes
    ----------
    message : what is wrong, what is allowed and what to do, in one sentence or two.
    file, line, column : where, as far as it is known; lines and columns count from 1.
    key : the dotted address inside the file, for example ``scores.likelihood.training.weight``.
    zh : the message in Chinese, where it comes from something that has both; see `message_zh`.
    """

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    key: str | None = None
    zh: str | None = None

    def __str__(self) -> str:
        return self.text("en")

    @property
    def message_zh(self) -> str:
        """Return the message in Chinese; in English where there is no Chinese for it."""
        return self.zh if self.zh is not None else _in_chinese(self.message)

    def text(self, lang: str = "zh") -> str:
        """Return place and message in `lang`.

        Examples
        --------
        >>> print(Problem("the weight -1 must be above 0", "a.yaml", 3, key="scores.risk").text())
        a.yaml:3: scores.risk: 权重是-1，必须大于0
        """
        place = self.file or ""
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        parts = [part for part in (place, self.key) if part]
        return ": ".join([*parts, self.message_zh if lang == "zh" else self.message])


class ProblemsError(KitError):
    """Several mistakes found in one reading; `problems` has each of them."""

    def __init__(self, problems: Sequence[Problem], summary: str | None = None) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        self.summary = summary or f"{count} problem{'s' if count != 1 else ''} found"
        super().__init__("\n".join([self.summary, *(f"  {problem}" for problem in self.problems)]))

    def text(self, lang: str = "zh") -> str:
        """Return summary and problems in `lang`, one a line.

        Examples
        --------
        >>> print(ProblemsError([Problem("the list after 'in' is empty", "a.yaml", 3)]).text())
        有1处错误
          a.yaml:3: in 后面的列表是空的
        """
        if lang != "zh":
            return str(self)
        return "\n".join([_in_chinese(self.summary), *(f"  {problem.text(lang)}" for problem in self.problems)])
