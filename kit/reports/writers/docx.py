"""A document of blocks as a Word file: named styles, native equations, a table of contents that Word keeps up to date."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from kit.reports.blocks import (
    Block,
    Book,
    Cell,
    Contents,
    Cover,
    Display,
    Heading,
    Inline,
    Items,
    Maths,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Table,
)
from kit.reports.writers.docx_styles import MARK_RED, set_styles
from kit.reports.writers.omml import omml

if TYPE_CHECKING:
    from docx.document import Document

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_ROOT = f'<w:body xmlns:w="{_W}" xmlns:m="{_M}">'
# A4 less the margins of GB/T 9704: 156 mm of text.
_MARGINS = {"top": 37.0, "bottom": 35.0, "left": 28.0, "right": 26.0}
_WIDTH = 156.0
_TWIPS = 1440 / 25.4
_PARAGRAPHS = {
    "body": "正文段落", "plain": "顶格段落", "center": "标准名称", "term": "顶格段落", "small": "小字段落", "article": "无标题条",
}  # fmt: skip
_CELLS = {"left": "表文", "center": "表文居中", "right": "表文居右"}
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], " ")


def docx_bytes(book: Book) -> bytes:
    """Return the document as a Word file (.docx).

    Examples
    --------
    >>> docx_bytes(Book("标题", "a", Cover("", "", "标题"), ()))[:2]
    b'PK'
    """
    import docx

    document = docx.Document()
    set_styles(document)
    _Writer(document, book).write()
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


class _Writer:
    def __init__(self, document: Document, book: Book) -> None:
        self.document = document
        self.book = book
        self.body: Any = document.element.body
        self.bookmarks = 0
        self.styles: dict[str, str] = {str(style.name): str(style.style_id) for style in document.styles}
        self.break_before = False
        self.keep = False

    def write(self) -> None:
        from docx.enum.section import WD_SECTION

        properties = self.document.core_properties
        properties.title = self.book.title
        properties.author = self.book.meta.get("author", "")
        properties.subject = self.book.meta.get("subject", "")
        properties.keywords = self.book.meta.get("keywords", "")
        properties.language = self.book.language
        properties.comments = ""
        self._page(self.document.sections[0])
        self.cover(self.book.cover)
        self._page(self.document.add_section(WD_SECTION.NEW_PAGE))
        self._running(self.document.sections[-1], "upperRoman")
        for block in self.book.blocks:
            if isinstance(block, PageBreak):
                if block.body:
                    self._page(self.document.add_section(WD_SECTION.NEW_PAGE))
                    self._running(self.document.sections[-1], "decimal")
                else:
                    self.break_before = True
                continue
            self.block(block)
        if self._after_table():
            self.add(self.paragraph("间隔", ""))
        self._update_fields()

    # -- pages ---------------------------------------------------------------------------------------

    def _page(self, section: Any) -> None:
        from docx.shared import Mm

        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(_MARGINS["top"]), Mm(_MARGINS["bottom"])
        section.left_margin, section.right_margin = Mm(_MARGINS["left"]), Mm(_MARGINS["right"])
        section.header_distance, section.footer_distance = Mm(24), Mm(24)
        section.header.is_linked_to_previous = False
        section.footer.is_linked_to_previous = False

    def _running(self, section: Any, numbering: str) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        kind = OxmlElement("w:pgNumType")
        kind.set(qn("w:fmt"), numbering)
        kind.set(qn("w:start"), "1")
        for old in section._sectPr.findall(qn("w:pgNumType")):
            section._sectPr.remove(old)
        section._sectPr.find(qn("w:pgMar")).addnext(kind)
        mark = self._run(self.book.mark, f'<w:color w:val="{MARK_RED}"/><w:sz w:val="18"/>') if self.book.mark else ""
        right = round(_WIDTH * _TWIPS)
        header = (
            f'<w:p><w:pPr><w:pStyle w:val="{self.styles["Header"]}"/><w:pBdr><w:bottom w:val="single" w:sz="4" w:space="3" '
            f'w:color="8A949E"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="{right}"/></w:tabs></w:pPr>'
            f'{self._run(self.book.header, _SMALL)}<w:r><w:tab/></w:r>{mark}</w:p>'
        )
        footer = (
            f'<w:p><w:pPr><w:pStyle w:val="{self.styles["Footer"]}"/><w:jc w:val="center"/></w:pPr>'
            f'{self._run("— ", _PAGE)}{_field("PAGE", "1", _PAGE)}{self._run(" —", _PAGE)}</w:p>'
        )
        for part, text in ((section.header, header), (section.footer, footer)):
            container = part._element
            for child in list(container):
                container.remove(child)
            container.extend(_parsed(text))

    def _update_fields(self) -> None:
        """Ask Word to fill in page numbers when the file is opened."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        element = OxmlElement("w:updateFields")
        element.set(qn("w:val"), "true")
        settings: Any = self.document.settings.element
        later = ("hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "rsids", "decimalSymbol", "listSeparator")
        after = next((child for child in settings if child.tag in {qn(f"w:{name}") for name in later}), None)
        if after is None:
            settings.append(element)
        else:
            after.addprevious(element)

    # -- blocks --------------------------------------------------------------------------------------

    def add(self, xml: str) -> None:
        for element in _parsed(xml):
            if element.tag == f"{{{_W}}}tbl" and self._after_table():
                self.add(self.paragraph("间隔", ""))  # tables without a paragraph between them become one
            self.body.sectPr.addprevious(element)

    def _after_table(self) -> bool:
        last = self.body.sectPr.getprevious()
        return last is not None and last.tag == f"{{{_W}}}tbl"

    def paragraph(self, style: str, content: str, anchor: str = "", extra: str = "") -> str:
        before = "<w:pageBreakBefore/>" if self.break_before else ""
        self.break_before = False
        if self.keep:
            before = "<w:keepNext/>" + before
        return (
            f'<w:p><w:pPr><w:pStyle w:val={quoteattr(self.styles[style])}/>{before}{extra}</w:pPr>'
            f"{self._bookmark(anchor, content)}</w:p>"
        )

    def cover(self, cover: Cover) -> None:
        line = '<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="4" w:color="111111"/></w:pBdr>'
        right = round(_WIDTH * _TWIPS)
        tabs = f'<w:tabs><w:tab w:val="right" w:pos="{right}"/></w:tabs>'
        number = self._run(cover.number, '<w:sz w:val="24"/>')
        self.add(self.paragraph("封面系列", self._run(cover.series) + "<w:r><w:tab/></w:r>" + number, extra=line + tabs))
        self.add(self.paragraph("封面标题", self._run(cover.title)))
        if cover.subtitle:
            self.add(self.paragraph("封面副题", self._run(cover.subtitle)))
        self.add(self.paragraph("封面状态", self._run(cover.status)))
        if cover.mark:
            sides = "".join(
                f'<w:{side} w:val="single" w:sz="12" w:space="6" w:color="{MARK_RED}"/>'
                for side in ("top", "left", "bottom", "right")
            )
            frame = f'<w:pBdr>{sides}</w:pBdr><w:ind w:left="700" w:right="700"/>'
            self.add(self.paragraph("示意标记", self._run(cover.mark), extra=frame))
            self.add(self.paragraph("示意说明", self._run(cover.mark_text), extra=frame))
        space = '<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="6" w:color="111111"/></w:pBdr><w:spacing w:before="900"/>'
        self.add(self.paragraph("封面项目", "", extra=space))
        for label, value in cover.facts:
            self.add(self.paragraph("封面项目", self._run(f"{label}：{value}")))

    def block(self, block: Block) -> None:
        match block:
            case Heading():
                self.add(self._heading(block))
            case Paragraph():
                number = self._run(block.number + "　", '<w:rFonts w:eastAsia="黑体"/>') if block.number else ""
                self.add(self.paragraph(_PARAGRAPHS[block.style], number + self.inline(block.runs), block.anchor))
            case Items():
                for item in block.items:
                    mark = self._run(item.mark) + "<w:r><w:tab/></w:r>" if item.mark else ""
                    self.add(self.paragraph("列项", mark + self.inline(item.runs)))
                    for below in item.below:
                        self.add(self.paragraph("列项说明", self.inline(below)))
            case Note():
                label = self._run(block.label, '<w:rFonts w:eastAsia="黑体"/>')
                self.add(self.paragraph("注", label + self.inline(block.runs)))
            case Display():
                self.add(self._display(block))
            case Table():
                self.add(self._table(block))
            case Picture():
                self._picture(block)
            case Contents():
                self.add(self._contents(block))
            case _:
                raise TypeError(f"the Word file has no way to write {type(block).__name__}")

    def _heading(self, block: Heading) -> str:
        if block.annex:
            lines = [block.number, f"（{block.annex}）", block.text]
            content = "<w:r><w:br/></w:r>".join(self._run(line) for line in lines)
            return self.paragraph("附录标题", content, block.anchor)
        style = "前言标题" if block.centred else f"Heading {block.level}" if block.listed else "条标题（不入目次）"
        number = block.number + "　" if block.number else ""
        return self.paragraph(style, self._run(number + block.text), block.anchor)

    def _display(self, block: Display) -> str:
        """A formula in the middle of a table without lines, so that it is set large and its number stands at the right."""
        edges = [round(_WIDTH * share * _TWIPS) for share in (0.13, 0.74, 0.13)]
        grid = "".join(f'<w:gridCol w:w="{edge}"/>' for edge in edges)
        contents = [
            self.paragraph("公式", ""),
            self.paragraph("公式", omml(block.tree, display=True), block.anchor),
            self.paragraph("公式编号", self._run(block.number)),
        ]
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{edge}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'
            for edge, content in zip(edges, contents, strict=True)
        )
        return (
            f'<w:tbl><w:tblPr><w:tblW w:w="{sum(edges)}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr></w:tbl>"
        )

    def _picture(self, block: Picture) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm

        self.document.add_picture(io.BytesIO(block.data), width=Mm(min(block.width, _WIDTH)))
        paragraph = self.document.paragraphs[-1]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        drawing: Any = paragraph._p.xpath(".//wp:docPr")[0]
        drawing.set("descr", block.alt)
        self.add(self.paragraph("图题", self._run(f"{block.label}　{block.caption}")))

    def _contents(self, block: Contents) -> str:
        made = [self.paragraph("目次标题", self._run(block.title))]
        listed = [one for one in self.book.blocks if isinstance(one, Heading) and one.listed and one.level <= block.depth]
        right = round(_WIDTH * _TWIPS)
        tabs = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{right}"/></w:tabs>'
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \\o "1-'
            f'{block.depth}" \\h \\z \\t "附录标题,1,前言标题,1" </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        for place, one in enumerate(listed):
            text = f"{one.number}（{one.annex}）{one.text}" if one.annex else f"{one.number}　{one.text}" if one.number else one.text
            name = _bookmark_name(one.anchor)
            page = _field(f"PAGEREF {name} \\h", "", "")
            line = f'<w:hyperlink w:anchor="{name}" w:history="1">{self._run(text)}<w:r><w:tab/></w:r>{page}</w:hyperlink>'
            end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' if place == len(listed) - 1 else ""
            made.append(self.paragraph(f"toc {min(one.level, 2)}", (begin if place == 0 else "") + line + end, extra=tabs))
        return "".join(made)

    # -- tables --------------------------------------------------------------------------------------

    def _table(self, table: Table) -> str:
        total = sum(table.widths)
        widths = [round(width / total * _WIDTH * _TWIPS) for width in table.widths]
        caption = ""
        if table.caption:
            caption = self.paragraph("表题", self._run(f"{table.label}　{table.caption}".strip("　")), table.anchor)
        rows = self._rows(table.head, widths, head=True)
        rows += self._rows(table.body, widths, head=False, keep=table.whole)
        borders = "".join(
            f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
            for side, size, colour in (
                ("top", 10, "111111"), ("left", 10, "111111"), ("bottom", 10, "111111"), ("right", 10, "111111"),
                ("insideH", 4, "8A949E"), ("insideV", 4, "8A949E"),
            )
        )  # fmt: skip
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        margins = "".join(f'<w:{side} w:w="70" w:type="dxa"/>' for side in ("left", "right"))
        note = self.paragraph("表注", self._run("注：") + self.inline(table.note) if table.note else "")
        return (
            f'{caption}<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
            f"{rows}</w:tbl>{note}"
        )

    def _rows(self, rows: Sequence[Sequence[Cell]], widths: Sequence[int], *, head: bool, keep: bool = False) -> str:
        """Return the rows; a cell over several rows is repeated as a continued one in those below, as Word wants it."""
        made = []
        open_cells: dict[int, tuple[int, Cell]] = {}  # first column: rows still to come, the cell
        for place, row in enumerate(rows):
            # Rows that keep with the next hold a short table together; the last one has none to keep with.
            self.keep = keep and place < len(rows) - 1
            cells: list[str] = []
            waiting = list(row)
            column = 0
            while column < len(widths):
                if column in open_cells:
                    left, cell = open_cells.pop(column)
                    cells.append(self._cell(cell, widths, column, merge="<w:vMerge/>", empty=True))
                    if left > 1:
                        open_cells[column] = (left - 1, cell)
                elif waiting:
                    cell = waiting.pop(0)
                    merge = '<w:vMerge w:val="restart"/>' if cell.rows > 1 else ""
                    cells.append(self._cell(cell, widths, column, merge=merge))
                    if cell.rows > 1:
                        open_cells[column] = (cell.rows - 1, cell)
                else:
                    cell = Cell()
                    cells.append(self._cell(cell, widths, column, empty=True))
                column += cell.columns
            repeat = "<w:tblHeader/>" if head else ""
            made.append(f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{''.join(cells)}</w:tr>")
        self.keep = False
        return "".join(made)

    def _cell(self, cell: Cell, widths: Sequence[int], column: int, *, merge: str = "", empty: bool = False) -> str:
        width = sum(widths[column : column + cell.columns])
        span = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
        marks = [run.mark for run in cell.runs if not isinstance(run, Maths) and run.mark]
        colour = cell.colour or (_pale(marks[0]) if marks else "EEF1F4" if cell.head else "")
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{colour.lstrip("#")}"/>' if colour else ""
        content = self.paragraph("表头" if cell.head else _CELLS[cell.align], "" if empty else self.inline(cell.runs))
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}{shade}<w:vAlign w:val="center"/></w:tcPr>'
            f"{content}</w:tc>"
        )

    # -- runs ----------------------------------------------------------------------------------------

    def inline(self, pieces: Sequence[Inline]) -> str:
        made = []
        for piece in pieces:
            if isinstance(piece, Maths):
                made.append(omml(piece.tree))
                continue
            text = self._run(piece.text, "<w:b/>" if piece.bold else "")
            if piece.mark:
                text = self._run("■ ", f'<w:color w:val="{piece.mark.lstrip("#")}"/>') + text
            if piece.anchor:
                text = f'<w:hyperlink w:anchor="{_bookmark_name(piece.anchor)}" w:history="1">{text}</w:hyperlink>'
            made.append(text)
        return "".join(made)

    @staticmethod
    def _run(text: str, properties: str = "") -> str:
        if not text:
            return ""
        style = f"<w:rPr>{properties}</w:rPr>" if properties else ""
        return f'<w:r>{style}<w:t xml:space="preserve">{escape(text.translate(_CONTROLS))}</w:t></w:r>'

    def _bookmark(self, anchor: str, content: str) -> str:
        if not anchor:
            return content
        self.bookmarks += 1
        return (
            f'<w:bookmarkStart w:id="{self.bookmarks}" w:name="{_bookmark_name(anchor)}"/>{content}'
            f'<w:bookmarkEnd w:id="{self.bookmarks}"/>'
        )


_SMALL = '<w:sz w:val="18"/>'
_PAGE = '<w:sz w:val="24"/>'


def _field(code: str, shown: str, properties: str) -> str:
    style = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    result = f"<w:r>{style}<w:t>{escape(shown)}</w:t></w:r>" if shown else ""
    return (
        f'<w:r>{style}<w:fldChar w:fldCharType="begin"/></w:r><w:r>{style}<w:instrText xml:space="preserve"> {code} '
        f'</w:instrText></w:r><w:r>{style}<w:fldChar w:fldCharType="separate"/></w:r>{result}'
        f'<w:r>{style}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def _bookmark_name(anchor: str) -> str:
    """Return an anchor as Word allows it: letters, digits and _, at most 40."""
    return re.sub(r"\W", "_", anchor)[:40]


def _pale(colour: str) -> str:
    """Return a colour mixed with three parts of white, as a cell behind dark text needs it."""
    parts = [int(colour.lstrip("#")[place : place + 2], 16) for place in (0, 2, 4)]
    return "".join(f"{round(255 - (255 - part) / 4):02X}" for part in parts)


def _parsed(xml: str) -> list[Any]:
    from docx.oxml import parse_xml

    return list(parse_xml(f"{_ROOT}{xml}</w:body>"))
