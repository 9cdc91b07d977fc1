from __future__ import annotations

import io
import zipfile

import pytest

from bench.render_docx import pack_docx
from pipeline.documents.docx import read_docx
from pipeline.documents.model import Document, Text
from pipeline.issues import IssueCode

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def lines(body: str, **parts: str) -> list[str]:
    return [block.text for block in read(body, **parts).blocks if isinstance(block, Text)]


def read(body: str, **parts: str) -> Document:
    """The document of a body; parts such as word__styles are added as word/styles.xml."""
    content = pack_docx(body)
    if parts:
        stream = io.BytesIO(content)
        with zipfile.ZipFile(stream, "a") as package:
            for name, part in parts.items():
                package.writestr(name.replace("__", "/") + ".xml", part)
        content = stream.getvalue()
    return read_docx(content)


def test_paragraphs_are_lines_in_order_and_breaks_end_one() -> None:
    document = read(f"<w:p>{run('总体')}{run('情况')}</w:p><w:p/><w:p>{run('一')}<w:r><w:br/></w:r>{run('二')}</w:p>")
    assert [b.text for b in document.blocks if isinstance(b, Text)] == ["总体情况", "一", "二"]
    assert [str(b.locator) for b in document.blocks if isinstance(b, Text)] == ["L1", "L2", "L3"]
    assert (document.reader, document.reader_version, document.issues) == ("docx", "docx/2", ())


def test_a_tab_keeps_numbers_apart_and_a_hard_hyphen_is_a_minus() -> None:
    assert lines(f"<w:p>{run('1')}<w:r><w:tab/><w:t>2</w:t></w:r></w:p>") == ["1 2"]
    assert lines(f"<w:p><w:r><w:noBreakHyphen/></w:r>{run('5')}</w:p>") == ["-5"]


@pytest.mark.parametrize(
    "tracked",
    [
        f"<w:del>{run('9').replace('w:t>', 'w:delText>')}</w:del>",
        f"<w:del>{run('9')}</w:del>",
        f"<w:moveFrom>{run('9')}</w:moveFrom>",
        f"<w:ins><w:del>{run('9')}</w:del></w:ins>",
    ],
)
def test_what_was_deleted_or_moved_away_is_not_printed(tracked: str) -> None:
    document = read(f"<w:p>{tracked}<w:ins>{run('1')}</w:ins><w:moveTo>{run('2')}</w:moveTo></w:p>")
    assert [b.text for b in document.blocks if isinstance(b, Text)] == ["12"]
    assert [issue.code for issue in document.issues] == [IssueCode.TRACKED_CHANGES]


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next() -> None:
    end = "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"
    assert lines(f"<w:p>{end}{run('新收')}</w:p><w:p>{end}{run('申请')}</w:p><w:p>{run('数量')}</w:p>") == [
        "新收申请数量"
    ]


def test_former_properties_are_not_properties() -> None:
    former = "<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>"
    assert lines(f"<w:p>{run('5', former)}</w:p>") == ["5"]


@pytest.mark.parametrize(("value", "printed"), [("", []), (' w:val="0"', ["9"]), (' w:val="false"', ["9"])])
def test_hidden_text_is_not_printed(value: str, printed: list[str]) -> None:
    assert lines(f"<w:p>{run('9', f'<w:vanish{value}/>')}</w:p>") == printed


def test_hidden_by_a_style_that_inherits_it() -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="note"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="remark"><w:basedOn w:val="note"/></w:style>'
        '<w:style w:styleId="ring"><w:basedOn w:val="ring"/></w:style></w:styles>'
    )
    hidden, shown = run("9", '<w:rStyle w:val="remark"/>'), run("1", '<w:rStyle w:val="remark"/><w:vanish w:val="0"/>')
    in_a_ring = run("2", '<w:rStyle w:val="ring"/>')
    assert lines(f"<w:p>{in_a_ring}</w:p>", word__styles=styles) == ["2"]
    assert lines(f"<w:p>{hidden}{shown}</w:p>", word__styles=styles) == ["1"]
    assert lines(f'<w:p><w:pPr><w:pStyle w:val="note"/></w:pPr>{run("9")}</w:p>', word__styles=styles) == []


@pytest.mark.parametrize(
    ("effect", "printed"),
    [
        ('<w:vertAlign w:val="superscript"/>', "12³"),
        ('<w:vertAlign w:val="subscript"/>', "12₃"),
        ('<w:vertAlign w:val="baseline"/>', "123"),
        ("<w:strike/>", "12\ufffc"),
        ("<w:dstrike/>", "12\ufffc"),
        ('<w:position w:val="6"/>', "12³"),
        ('<w:position w:val="-6"/>', "12₃"),
        ('<w:position w:val="0"/>', "123"),
        ('<w:color w:val="FFFFFF"/>', "12\ufffc"),
        ('<w:color w:val="FF0000"/>', "123"),
        ('<w:sz w:val="2"/>', "12\ufffc"),
        ('<w:sz w:val="21"/>', "123"),
    ],
)
def test_digits_that_are_raised_or_struck_do_not_join_the_number(effect: str, printed: str) -> None:
    assert lines(f"<w:p>{run('12')}{run('3', effect)}</w:p>") == [printed]


def test_white_words_are_read() -> None:
    white = '<w:color w:val="FFFFFF"/>'
    assert lines(f"<w:p>{run('2023年', white)}</w:p>") == ["2023年"]


def test_what_has_no_characters_leaves_a_mark_in_its_place() -> None:
    formula = f'<m:oMath xmlns:m="{M}"><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num></m:f></m:oMath>'
    assert lines(f'<w:p>{run("3")}{formula}<w:r><w:sym w:font="Wingdings" w:char="F035"/></w:r></w:p>') == [
        "3\ufffc\ufffc"
    ]


def test_readings_above_a_word_are_left_out() -> None:
    ruby = f"<w:r><w:ruby><w:rt>{run('xin')}</w:rt><w:rubyBase>{run('新')}</w:rubyBase></w:ruby></w:r>"
    assert lines(f"<w:p>{ruby}{run('收')}</w:p>") == ["新收"]


def test_of_a_field_its_result_is_printed_and_its_code_is_not() -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    inner = f"{mark('begin')}<w:r><w:instrText>REF x</w:instrText></w:r>{mark('separate')}{run('9')}{mark('end')}"
    field = f"{mark('begin')}<w:r><w:instrText>IF </w:instrText></w:r>{inner}{mark('separate')}{run('14')}{mark('end')}"
    assert lines(f"<w:p>{run('共')}{field}{run('件')}</w:p>") == ["共14件"]
    assert lines(f"<w:p>{mark('begin')}{run('9')}</w:p><w:p>{mark('end')}{run('5')}</w:p>") == ["5"]


def test_wrappers_of_any_name_are_looked_into() -> None:
    body = f"<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:hyperlink>{run('a')}</w:hyperlink></w:p></w:sdtContent></w:sdt>"
    assert lines(f'{body}<x:unknown xmlns:x="x"><w:p><x:any>{run("b")}</x:any></w:p></x:unknown>') == ["a", "b"]


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent><w:p>{run('框')}</w:p></w:txbxContent>"
    both = (
        '<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>'
        f"{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict>"
        "</mc:Fallback></mc:AlternateContent>"
    )
    assert lines(f"<w:p><w:r>{both}</w:r>{run('文')}</w:p>") == ["文", "框"]
    assert lines(f"<w:p><w:r><w:pict><v:textbox>{box}</v:textbox></w:pict></w:r></w:p>") == ["框"]


@pytest.mark.parametrize(
    ("properties", "style"),
    [
        ('<w:pStyle w:val="1"/>', "heading"),
        ('<w:pStyle w:val="7"/>', "title"),
        ('<w:pStyle w:val="8"/>', "heading"),
        ('<w:pStyle w:val="8"/><w:outlineLvl w:val="9"/>', ""),
        ('<w:outlineLvl w:val="0"/>', "heading"),
        ('<w:pStyle w:val="gone"/>', ""),
    ],
)
def test_headings_by_style_name_inheritance_and_outline_level(properties: str, style: str) -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="7"><w:name w:val="Title"/></w:style>'
        '<w:style w:styleId="8"><w:name w:val="own"/><w:basedOn w:val="1"/></w:style></w:styles>'
    )
    block = read(f"<w:p><w:pPr>{properties}</w:pPr>{run('总体情况')}</w:p>", word__styles=styles).blocks[0]
    assert isinstance(block, Text)
    assert block.style == style


def test_properties_of_the_file_are_no_title_of_the_report() -> None:
    core = (
        '<p xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/"><dc:title>去年的报告</dc:title>'
        "<t:created>2023-01-20T00:00:00Z</t:created></p>"
    )
    metadata = read("<w:p/>", docProps__core=core).metadata
    assert metadata == {"document_title": "去年的报告", "document_created": "2023-01-20T00:00:00Z"}


def test_content_in_another_format_is_named() -> None:
    document = read(f"<w:p>{run('a')}</w:p><w:altChunk/>")
    assert [(issue.code, "altChunk" in issue.message) for issue in document.issues] == [
        (IssueCode.MEDIA_UNSUPPORTED, True)
    ]
