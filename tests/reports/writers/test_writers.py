"""The same blocks as a page, a Word file and a PDF: whole, escaped, with nothing from outside."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import ProblemsError
from kit.reports.blocks import (
    Book,
    Cell,
    Contents,
    Cover,
    Display,
    Heading,
    Item,
    Items,
    Maths,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Run,
    Table,
    runs,
)
from kit.reports.formula_tree import (
    Cases,
    Fence,
    Figure,
    Fraction,
    Index,
    Over,
    Part,
    Power,
    Root,
    Symbol,
    Words,
    row,
)
from kit.reports.standard_text import StandardDocument
from kit.reports.writers import docx_bytes, html_page, pdf_bytes
from kit.reports.writers.mathml import mathml
from kit.reports.writers.omml import omml
from kit.standard import load_standard
from tests.reports.standard_text.texts import docx_text, html_text, pdf_text

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
NASTY = "<b>&amp; #strong[x] $a$ \\ \"q\" 'p' {x} @label _i_ *b* `c` // ~ %"


def a_png() -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(stream, "PNG")
    return stream.getvalue()


def a_book(text: str = "文字", tree: Part | None = None) -> Book:
    """Every kind of block, with `text` wherever a text may stand."""
    formula = tree or Fraction(Symbol("a"), Figure("2"))
    table = Table(
        (1, 2, 1),
        ((Cell(runs("甲"), head=True, rows=2), Cell(runs("乙"), head=True, columns=2)), (Cell(runs("丙"), head=True), Cell())),
        (
            (Cell(runs(text), rows=2), Cell((Run("重大", mark="#D7191C"),)), Cell(runs("1"), align="right")),
            (Cell(runs("b"), columns=2, align="center"),),
        ),
        text, "表1", "t1", runs(text),
    )  # fmt: skip
    blocks = (
        Contents("目次"),
        PageBreak(),
        Heading(1, "前言", "", "f", centred=True),
        PageBreak(body=True),
        Heading(1, text, "1", "c1"),
        Heading(2, text, "1.1", "c11", listed=False),
        Paragraph(runs(text, Run("见", anchor="t1"), Maths(formula), Run("粗", bold=True)), anchor="p1"),
        Paragraph(runs(text), "article", "1.2", "p2"),
        Items((Item("a)", runs(text), (runs(text),)), Item("", runs(text)))),
        Note(runs(text)),
        Display(formula, "（1）", "d1"),
        table,
        Picture(a_png(), text, "图1", text, 30),
        PageBreak(),
        Heading(1, text, "附录A", "a", annex="规范性"),
    )
    cover = Cover(text, text, text, text, text, "示意", text, ((text, text),))
    return Book(text, "book", cover, blocks, text, "示意", meta={"author": text, "keywords": text})


def test_every_text_comes_through_as_it_was_written() -> None:
    book = a_book(NASTY)
    page = html_text(html_page(book).encode())
    word = docx_text(docx_bytes(book))
    assert page.count(NASTY) >= 15 and word.count(NASTY) >= 15
    squeezed = re.sub(r"\s", "", pdf_text(pdf_bytes(book)))
    assert squeezed.count(re.sub(r"\s", "", NASTY)) >= 10


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40))
def test_no_text_is_taken_for_markup(text: str) -> None:
    book = a_book(text)
    assert pdf_bytes(book).startswith(b"%PDF")
    assert text.strip() in html_text(html_page(book).encode())
    assert text in docx_text(docx_bytes(book))


def trees() -> st.SearchStrategy[Part]:
    leaves = st.one_of(
        st.builds(Words, st.sampled_from(["可能性", "a & b", 'q"', "#x", "{"])),
        st.builds(Figure, st.sampled_from(["0.35", "12", "1"])),
        st.builds(Symbol, st.sampled_from(["S", "w", "β", "…"])),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Fraction, inner, inner), st.builds(Power, inner, inner), st.builds(Index, inner, inner),
            st.builds(Root, inner), st.builds(Fence, inner), st.builds(Over, st.sampled_from("∑∏"), inner, inner, inner),
            st.builds(Over, st.just("∑"), inner), st.builds(lambda a, b: row(a, "×", b, "−", a, ",", b), inner, inner),
            st.builds(lambda a, b: Cases(((a, b), (b, Words("其他")))), inner, inner),
            st.builds(Fence, inner, st.just("|"), st.just("|")),
        ),
        max_leaves=8,
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(trees())
def test_any_formula_is_whole_in_each_mathematics(tree: Part) -> None:
    words = [part.text for part in _leaves(tree)]
    found = "".join(ET.fromstring(mathml(tree, display=True)).itertext())
    assert all(word in found for word in words)
    wrapped = f'<x xmlns:m="{M[1:-1]}" xmlns:w="{W[1:-1]}">{omml(tree, display=True)}</x>'
    told = "".join(ET.fromstring(wrapped).itertext())
    assert all(word in told for word in words)
    assert pdf_bytes(a_book("文字", tree)).startswith(b"%PDF")


def _leaves(tree: Part) -> list[Words | Figure | Symbol]:
    from kit.reports.formula_tree import all_parts

    return [part for part in all_parts(tree) if isinstance(part, Words | Figure | Symbol)]


# -- the page ----------------------------------------------------------------------------------------


def test_the_page_fetches_nothing_and_all_its_links_lead_somewhere() -> None:
    for page in (html_page(a_book()), StandardDocument(load_standard("taxi")).data("html").decode()):
        assert "<script" not in page and "http-equiv" in page
        assert re.findall(r'(?:src|href)="(?!#|data:)', page) == []
        # Addresses in the style sheet are namespaces of drawings inside the page.
        assert set(re.findall(r"https?://[^\s'\"]+", page)) <= {"http://www.w3.org/2000/svg"}
        names = re.findall(r' id="([^"]+)"', page)
        assert len(names) == len(set(names))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(names)


# -- Word --------------------------------------------------------------------------------------------


def test_the_word_file_has_named_styles_margins_header_and_page_numbers() -> None:
    import docx
    from docx.shared import Mm

    document = docx.Document(io.BytesIO(docx_bytes(a_book())))
    assert len(document.sections) == 3
    for section in document.sections:
        sizes = (section.page_width, section.page_height, section.top_margin, section.left_margin, section.right_margin)
        assert [round(size / Mm(1)) for size in sizes if size is not None] == [210, 297, 37, 28, 26]
    cover, front, body = document.sections
    assert "示意" not in cover.header.paragraphs[0].text
    for section, numbering in ((front, "upperRoman"), (body, "decimal")):
        assert "示意" in section.header.paragraphs[0].text
        assert "PAGE" in "".join(section.footer._element.itertext())
        assert section._sectPr.find(f"{W}pgNumType").get(f"{W}fmt") == numbering
    used = {paragraph.style.name for paragraph in document.paragraphs if paragraph.style is not None}
    assert {"Heading 1", "正文段落", "无标题条", "列项", "列项说明", "注", "表题", "表注", "附录标题", "封面标题"} <= used
    fonts = {
        style.name: style.element.rPr.rFonts.get(f"{W}eastAsia")
        for style in document.styles
        if style.name in ("封面标题", "Heading 1", "正文段落", "表文")
    }
    assert fonts == {"封面标题": "方正小标宋简体", "Heading 1": "黑体", "正文段落": "仿宋_GB2312", "表文": "宋体"}


def test_the_tables_of_the_word_file_fit_their_grid_and_repeat_their_head() -> None:
    import docx

    for data in (docx_bytes(a_book()), StandardDocument(load_standard("catering")).data("docx")):
        document = docx.Document(io.BytesIO(data))
        for table in document.element.body.iter(f"{W}tbl"):
            columns = len(table.findall(f"{W}tblGrid/{W}gridCol"))
            for line in table.findall(f"{W}tr"):
                spans = [cell.find(f"{W}tcPr/{W}gridSpan") for cell in line.findall(f"{W}tc")]
                assert sum(1 if span is None else int(span.get(f"{W}val")) for span in spans) == columns
                assert line.find(f"{W}trPr/{W}cantSplit") is not None
        heads = [line for line in document.element.body.iter(f"{W}tr") if line.find(f"{W}trPr/{W}tblHeader") is not None]
        assert len(heads) >= 2


def test_no_two_tables_of_the_word_file_touch_and_none_is_last() -> None:
    """Word makes one table of two that touch."""
    import docx

    pair = Book("a", "a", Cover("", "", "a"), (Display(Figure("1")), Display(Figure("2")), Table((1,), (), ((Cell(),),))))
    for data in (docx_bytes(pair), StandardDocument(load_standard("taxi")).data("docx")):
        tags = [child.tag.rpartition("}")[2] for child in docx.Document(io.BytesIO(data)).element.body]
        assert ("tbl", "tbl") not in set(zip(tags, tags[1:], strict=False))
        assert tags[-2:] == ["p", "sectPr"] and tags.count("tbl") >= 3


def test_parts_of_formats_stand_in_the_order_of_the_schema() -> None:
    import docx

    document = docx.Document(io.BytesIO(docx_bytes(a_book())))
    order = ["rFonts", "b", "bCs", "i", "iCs", "color", "spacing", "sz", "szCs", "lang"]
    for style in document.styles:
        properties = style.element.find(f"{W}rPr")
        names = [child.tag.rpartition("}")[2] for child in properties] if properties is not None else []
        known = [order.index(name) for name in names if name in order]
        assert known == sorted(known), (style.name, names)
    settings = [child.tag.rpartition("}")[2] for child in document.settings.element]
    assert settings.index("updateFields") < settings.index("compat")
    for section in document.sections:
        names = [child.tag.rpartition("}")[2] for child in section._sectPr]
        if "pgNumType" in names:
            assert names.index("pgMar") < names.index("pgNumType") < names.index("cols")


def test_the_word_file_has_a_contents_field_and_native_equations() -> None:
    import docx

    document = StandardDocument(load_standard("gb18218"))
    body = docx.Document(io.BytesIO(document.data("docx"))).element.body
    codes = [element.text or "" for element in body.iter(f"{W}instrText")]
    assert any(code.strip().startswith("TOC ") for code in codes)
    names = {element.get(f"{W}name") for element in body.iter(f"{W}bookmarkStart")}
    assert {code.split()[1] for code in codes if code.strip().startswith("PAGEREF")} <= names
    assert {link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink")} <= names
    displays = sum(isinstance(block, Display) for block in document.book.blocks)
    assert len(list(body.iter(f"{M}oMathPara"))) == displays == 3
    outline = [paragraph.style.name for paragraph in docx.Document(io.BytesIO(document.data("docx"))).paragraphs if paragraph.style]
    assert outline.count("附录标题") == 3 and outline.count("Heading 1") >= 5


# -- PDF ---------------------------------------------------------------------------------------------


def test_the_pdf_carries_the_shipped_font_and_the_mark_on_every_page() -> None:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(StandardDocument(load_standard("taxi")).data("pdf")))
    fonts = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert any(font.startswith("NotoSansSC-Regular") for font in fonts)
    assert all(font.startswith(("NotoSansSC-Regular", "NewCMMath")) for font in fonts), fonts
    assert all("示意性标准" in page.extract_text() for page in reader.pages)
    assert reader.metadata is not None and reader.metadata.title == "出租汽车行业安全风险评估标准"
    assert len(reader.outline) > 5


def test_a_character_without_a_glyph_is_an_error_that_names_it() -> None:
    with pytest.raises(ProblemsError) as caught:
        pdf_bytes(a_book("龘字和𪚥"))
    assert "U+9F98" in str(caught.value) and "U+2A6A5" in str(caught.value) and "subset.py" in str(caught.value)
    with pytest.raises(ProblemsError, match=r"U\+9F98"):
        pdf_bytes(a_book("文字", Words("龘")))


def test_a_block_no_writer_knows_is_an_error() -> None:
    from kit.reports.blocks import Block

    class Other(Block):
        pass

    book = Book("a", "a", Cover("", "", "a"), (Other(),))
    for write in (html_page, docx_bytes, pdf_bytes):
        with pytest.raises(TypeError, match="Other"):
            write(book)
