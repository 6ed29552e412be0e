"""Cut the Chinese font that ships with the kit out of the full Noto Sans SC.

Run it when characters are missing (a chart then warns "Glyph … missing from font", which the tests treat as an error)::

    python kit/assets/fonts/subset.py PATH/TO/NotoSansSC-Regular.otf [TEXT_FILE ...]

Kept: ASCII, all of GB 2312 (6,763 Chinese characters and its symbols), the marks of the risk levels, and every
character of the text files given (lists of streets and towns, standards). Written beside this file. Needs `fonttools`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

MARKS = "■□▲△●○◆◇★☆※①②③④⑤⑥⑦⑧⑨⑩↑↓→←±×÷≤≥≠≈·—…〔〕《》“”‘’（）【】、。，；：？！％＋－＝／～℃㎡²³½✓✗▼▽◎㙍𬬭𨱏"


def gb2312() -> set[str]:
    """Return the characters of GB 2312-1980: rows 1 to 87, cells 1 to 94, those that are assigned."""
    found = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def wanted(texts: list[Path]) -> set[str]:
    """Return every character to keep: ASCII, GB 2312, the marks, and what the text files use."""
    characters = {chr(code) for code in range(0x20, 0x7F)} | gb2312() | set(MARKS)
    for path in texts:
        characters |= {character for character in path.read_text(encoding="utf-8") if character.isprintable()}
    return characters


def make_subset(source: Path, target: Path, characters: set[str]) -> int:
    """Write the subset of `source` to `target`; return how many of `characters` the source has."""
    from fontTools import subset  # type: ignore[import-untyped]

    options = subset.Options()
    options.layout_features = ["kern", "locl", "palt", "halt"]
    options.hinting = False
    options.desubroutinize = False
    options.name_IDs = ["*"]
    options.name_languages = [0x409]
    options.recalc_timestamp = False
    options.notdef_outline = True
    font = subset.load_font(str(source), options)
    have = {chr(code) for code in font.getBestCmap()}
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(characters & have)))
    cutter.subset(font)
    subset.save_font(font, str(target), options)
    return len(characters & have)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Cut NotoSansSC-GB2312.otf out of the full Noto Sans SC.")
    parser.add_argument("source", type=Path, help="NotoSansSC-Regular.otf")
    parser.add_argument("texts", type=Path, nargs="*", help="text files whose characters must be kept too")
    given = parser.parse_args(arguments)
    target = Path(__file__).resolve().parent / "NotoSansSC-GB2312.otf"
    characters = wanted(given.texts)
    kept = make_subset(given.source, target, characters)
    print(f"{target.name}: {kept} of {len(characters)} characters, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
