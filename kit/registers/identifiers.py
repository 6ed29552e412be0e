"""Identifiers that can be checked by arithmetic."""

from __future__ import annotations

# GB 32100-2015: 31 characters without I O S V Z; weights are powers of 3 modulo 31.
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, power, 31) for power in range(17))
# GB 11714-1997: the organisation code inside has its own check character.
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def uscc_check_character(first17: str) -> str:
    """Return the 18th character of a unified social credit code (GB 32100-2015).

    Examples
    --------
    >>> uscc_check_character("91350100M000100Y4")
    '3'

    Raises
    ------
    ValueError
        When there are not 17 characters of the code's alphabet.
    """
    if len(first17) != 17 or any(character not in _USCC for character in first17):
        raise ValueError(f"17 characters of {_USCC} are needed; given '{first17[:40]}'")
    total = sum(_USCC.index(character) * weight for character, weight in zip(first17, _USCC_WEIGHTS, strict=True))
    return _USCC[(31 - total % 31) % 31]


def uscc_is_valid(code: str) -> bool:
    """Return whether a code has 18 allowed characters and the right check character; lower case is not allowed.

    Examples
    --------
    >>> uscc_is_valid("91350100M000100Y43"), uscc_is_valid("91350100M000100Y4Z")
    (True, False)
    """
    if len(code) != 18 or any(character not in _USCC for character in code):
        return False
    return uscc_check_character(code[:17]) == code[17]


def organisation_code(number: int) -> str:
    """Return a nine-character organisation code of a running number, with its check character (GB 11714-1997).

    Examples
    --------
    >>> organisation_code(10)
    '000000107'
    """
    body = f"{number:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _BODY_WEIGHTS, strict=True))
    check = 11 - total % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def made_uscc(number: int) -> str:
    """Return a credit code for made data: area 000000, which no real unit has, and right check characters.

    Examples
    --------
    >>> made_uscc(1)[:8], uscc_is_valid(made_uscc(1))
    ('91000000', True)
    """
    first17 = "91" + "000000" + organisation_code(number)
    return first17 + uscc_check_character(first17)
