"""The named styles of the kit's Word documents: fonts and sizes after GB/T 9704-2012, headings as in GB/T 1.1-2020.

The fonts of official documents (方正小标宋, 仿宋_GB2312) are named, not shipped; where a machine lacks them, Word takes
the one named beside them in the font table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document

SONG, HEI, FANG, TITLE = "宋体", "黑体", "仿宋_GB2312", "方正小标宋简体"
LATIN = "Times New Roman"
# What stands in for a font where a machine has it not.
INSTEAD = {SONG: "SimSun", HEI: "SimHei", FANG: "仿宋", TITLE: "宋体"}
MARK_RED = "B5121B"


@dataclass(frozen=True)
class StyleSpec:
    """A paragraph style: font, size in points, alignment, spacing, and what it begins or keeps together.

    Attributes
    ----------
    indent : first-line indent in characters; left, hanging : in points.
    level : outline level for built-in headings and what is based on them.
    """

    name: str
    font: str = FANG
    size: float = 12.0
    bold: bool = False
    align: str = "both"
    before: float = 0.0
    after: float = 0.0
    line: float = 1.5
    indent: int = 0
    left: float = 0.0
    hanging: float = 0.0
    keep: bool = False
    colour: str = ""
    spacing: float = 0.0
    level: int | None = None
    alias: str = ""


STYLES = (
    StyleSpec("Heading 1", HEI, 14, align="left", before=18, after=8, keep=True, level=0, alias="章标题"),
    StyleSpec("Heading 2", HEI, 12, align="left", before=10, after=4, keep=True, level=1, alias="条标题"),
    StyleSpec("Heading 3", HEI, 12, align="left", before=8, after=2, keep=True, level=2, alias="二级条标题"),
    StyleSpec("Heading 4", HEI, 12, align="left", before=6, after=2, keep=True, level=3, alias="三级条标题"),
    StyleSpec("条标题（不入目次）", HEI, 12, align="left", before=10, after=4, keep=True, level=2),
    StyleSpec("附录标题", HEI, 14, align="center", before=0, after=12, keep=True, level=0),
    StyleSpec("前言标题", HEI, 16, align="center", before=6, after=14, keep=True, level=0, spacing=6),
    StyleSpec("目次标题", HEI, 16, align="center", before=6, after=14, keep=True, spacing=6),
    StyleSpec("封面系列", HEI, 16, align="both", after=4),
    StyleSpec("封面标题", TITLE, 22, align="center", before=120, after=6, line=1.3, spacing=1),
    StyleSpec("封面副题", FANG, 14, align="center", before=4, after=8, colour="555555"),
    StyleSpec("封面状态", FANG, 16, align="center", before=8, after=70),
    StyleSpec("示意标记", HEI, 16, align="center", colour=MARK_RED, spacing=4),
    StyleSpec("示意说明", FANG, 11, align="center", colour=MARK_RED, line=1.3),
    StyleSpec("封面项目", FANG, 12, align="left", line=1.5),
    StyleSpec("标准名称", HEI, 16, align="center", before=14, after=18, keep=True),
    StyleSpec("正文段落", FANG, 12, indent=2),
    StyleSpec("顶格段落", FANG, 12),
    StyleSpec("小字段落", FANG, 10.5),
    StyleSpec("无标题条", FANG, 12),
    StyleSpec("列项", FANG, 12, left=48, hanging=24),
    StyleSpec("列项说明", FANG, 10.5, left=48, line=1.3, colour="34465A"),
    StyleSpec("注", SONG, 10.5, left=24, line=1.3, after=2, colour="34465A"),
    StyleSpec("表题", HEI, 10.5, align="center", before=10, after=4, keep=True, line=1.2),
    StyleSpec("表头", HEI, 9, align="center", line=1.1, keep=True),
    StyleSpec("表文", SONG, 9, align="left", line=1.1),
    StyleSpec("表文居中", SONG, 9, align="center", line=1.1),
    StyleSpec("表文居右", SONG, 9, align="right", line=1.1),
    StyleSpec("表注", SONG, 9, align="left", before=2, after=10, line=1.2, colour="444444"),
    StyleSpec("间隔", SONG, 5, align="left", line=1.0),
    StyleSpec("公式", SONG, 12, align="center", line=1.2),
    StyleSpec("公式编号", SONG, 12, align="right", line=1.2),
    StyleSpec("图题", HEI, 10.5, align="center", before=4, after=10, line=1.2),
    StyleSpec("toc 1", FANG, 12, align="left", before=2, line=1.15),
    StyleSpec("toc 2", FANG, 12, align="left", left=24, line=1.05),
)  # fmt: skip


def set_styles(document: Document) -> None:
    """Give a new document the kit's styles and font table."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    base: Any = document.styles["Normal"]
    base.font.size = Pt(12)
    _fonts(base.element.get_or_add_rPr(), FANG)
    _language(document)
    for spec in STYLES:
        names = [style.name for style in document.styles]
        style: Any = (
            document.styles[spec.name]
            if spec.name in names
            else document.styles.add_style(spec.name, WD_STYLE_TYPE.PARAGRAPH, builtin=spec.name.startswith("toc"))
        )
        _apply(style, spec)
    for name in ("Header", "Footer"):  # Word's template has tab stops for its own paper
        properties = document.styles[name].element.pPr
        if properties is not None and properties.tabs is not None:
            properties.remove(properties.tabs)
    _font_table(document)


def _apply(style: Any, spec: StyleSpec) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.hidden = False
    style.quick_style = True
    properties = style.element.get_or_add_rPr()
    for child in list(properties):
        properties.remove(child)
    _fonts(properties, spec.font)
    style.font.size = Pt(spec.size)
    style.font.bold = spec.bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(spec.colour or "000000")
    if spec.spacing:
        space = OxmlElement("w:spacing")
        space.set(qn("w:val"), str(round(spec.spacing * 20)))
        # Word wants the parts of a run's format in the order of its schema: spacing before size.
        properties.find(qn("w:sz")).addprevious(space)
    paragraph = style.paragraph_format
    paragraph.alignment = {
        "left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT,
        "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
    }[spec.align]  # fmt: skip
    paragraph.space_before, paragraph.space_after = Pt(spec.before), Pt(spec.after)
    paragraph.line_spacing = spec.line
    paragraph.keep_with_next = spec.keep
    paragraph.widow_control = True
    if spec.left or spec.hanging:
        paragraph.left_indent = Pt(spec.left)
        paragraph.first_line_indent = Pt(-spec.hanging)
    if spec.indent:
        indent = style.element.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), str(100 * spec.indent))
        indent.set(qn("w:firstLine"), str(round(20 * spec.size * spec.indent)))
    if spec.level is not None:
        ppr = style.element.get_or_add_pPr()
        for old in ppr.findall(qn("w:outlineLvl")):
            ppr.remove(old)
        outline = OxmlElement("w:outlineLvl")
        outline.set(qn("w:val"), str(spec.level))
        ppr.append(outline)
    if spec.alias:
        alias = OxmlElement("w:aliases")
        alias.set(qn("w:val"), spec.alias)
        style.element.find(qn("w:name")).addnext(alias)


def _fonts(properties: Any, font: str) -> None:
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    latin = LATIN if font != HEI else "Arial"
    for key, value in (("ascii", latin), ("hAnsi", latin), ("eastAsia", font), ("cs", latin)):
        fonts.set(qn(f"w:{key}"), value)


def _language(document: Document) -> None:
    from docx.oxml.ns import qn

    styles: Any = document.styles.element
    for language in styles.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")


def _font_table(document: Document) -> None:
    """Name a font to take instead of each that a machine may not have."""
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in INSTEAD.items()
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f'{entries}<w:font w:name="{LATIN}"/><w:font w:name="Cambria Math"/></w:fonts>'
    )
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = text.encode()
