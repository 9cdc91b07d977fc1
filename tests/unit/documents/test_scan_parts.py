"""The steps between a picture and its characters: scale, skew, rulings, lines, the shapes of numbers."""

from __future__ import annotations

import io

import pytest

from pipeline.documents.scan import find_model

if find_model() is None:
    pytest.skip("the extra touming[ocr] is not installed", allow_module_level=True)

import cv2
import numpy as np
from PIL import Image

from pipeline.documents import scan_pictures
from pipeline.documents.refusal import DocumentRefused
from pipeline.documents.scan_lines import cut_line, drop_specks, find_lines
from pipeline.documents.scan_numbers import agrees_with_shapes
from pipeline.documents.scan_pictures import read_image_pages, render_pdf_pages
from pipeline.documents.scan_rulings import Box, erase_rulings, find_rulings
from pipeline.documents.scan_straighten import mark_ink, straighten_page
from pipeline.issues import IssueCode
from tests.unit.documents.pdf_drawing import Sheet, build_pdf


def encode(image: Image.Image, kind: str = "PNG", **settings: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **settings)
    return target.getvalue()


def draw_number(text: str) -> np.ndarray:
    """The ink of a number as it is printed in a table, with a margin."""
    sheet = Sheet()
    sheet.write(50, 700, text, size=11)
    (page,) = render_pdf_pages(build_pdf(sheet))
    ink = mark_ink(page)
    (line,) = find_lines(ink) or [Box(200, 200, 230, 230)]
    return ink[line.top - 9 : line.bottom + 9, line.left - 9 : line.right + 9]


# --- pictures


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1240, 1754), (2480, 3508)),
        ((4960, 7016), (2480, 3508)),
        ((1754, 1240), (3508, 2480)),
        ((500, 600), (1500, 1800)),
    ],
)
def test_pictures_are_scaled_to_paper(size: tuple[int, int], expected: tuple[int, int]) -> None:
    (page,) = read_image_pages(encode(Image.new("L", size, 255)))
    assert (page.shape[1], page.shape[0]) == expected


@pytest.mark.parametrize("size", [(1, 1), (16, 900), (9000, 1), (64, 64), (9000, 64), (64, 3000)])
def test_a_bullet_or_a_line_is_no_page(size: tuple[int, int]) -> None:
    pages = list(read_image_pages(encode(Image.new("L", size, 200))))
    assert len(pages) == (min(size) >= 64)
    for page in pages:
        assert find_rulings(mark_ink(straighten_page(page))) == ([], [])


def test_a_see_through_background_is_white() -> None:
    (page,) = read_image_pages(encode(Image.new("RGBA", (100, 100), (0, 0, 0, 0))))
    assert page.min() == 255


def test_a_picture_taken_sideways_is_turned_as_it_says() -> None:
    image = Image.new("L", (300, 200), 255)
    exif = image.getexif()
    exif[274] = 6
    (page,) = read_image_pages(encode(image, "JPEG", exif=exif))
    assert page.shape[0] > page.shape[1]


def test_pages_of_a_tiff_are_pages() -> None:
    images = [Image.new("1", (80, 100), colour) for colour in (1, 0, 1)]
    pages = list(read_image_pages(encode(images[0], "TIFF", save_all=True, append_images=images[1:])))
    assert [int(page.mean()) for page in pages] == [255, 0, 255]


def test_more_pages_or_pixels_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_pictures, "MAX_PAGES", 1)
    images = [Image.new("1", (80, 100), 1) for _ in range(2)]
    for content, read in (
        (encode(images[0], "TIFF", save_all=True, append_images=images[1:]), read_image_pages),
        (build_pdf(Sheet(), Sheet()), render_pdf_pages),
        (encode(Image.new("L", (1000, 9000), 255)), read_image_pages),
    ):
        with pytest.raises(DocumentRefused) as refused:
            list(read(content))
        assert refused.value.issue.code is IssueCode.LIMIT_EXCEEDED


# --- skew and rulings


def draw_table(size: tuple[int, int] = (1400, 1000)) -> np.ndarray:
    """A page with a table of four rows and three columns, and words in and around it."""
    page = np.full(size, 255, np.uint8)
    for y in range(300, 701, 100):
        cv2.line(page, (100, y), (900, y), 0, 3)
    for x in (100, 400, 650, 900):
        cv2.line(page, (x, 300), (x, 700), 0, 3)
    for y in (200, 360, 460, 900):
        cv2.putText(page, "HELIX IlIl", (120, y), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 0, 3)
    return page


def turn(page: np.ndarray, angle: float) -> np.ndarray:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)


@pytest.mark.parametrize("angle", [0, 0.3, -1.5, 4])
def test_rulings_are_found_on_a_page_laid_askew(angle: float) -> None:
    page = straighten_page(turn(draw_table(), angle))
    horizontal, vertical = find_rulings(mark_ink(page))
    assert len({round((box.top + box.bottom) / 40) for box in horizontal}) == 5
    assert len({round((box.left + box.right) / 40) for box in vertical}) == 4


def test_shadow_and_grey_paper_do_not_hide_the_ink() -> None:
    page = draw_table().astype(np.float32) * 0.5 + 60
    page -= np.linspace(0, 60, page.shape[1], dtype=np.float32)
    horizontal, vertical = find_rulings(mark_ink(straighten_page(page.astype(np.uint8))))
    assert (len(horizontal), len(vertical)) == (5, 4)


def test_letters_and_underlines_are_no_rulings() -> None:
    page = np.full((600, 1000), 255, np.uint8)
    for y in (150, 300):
        cv2.putText(page, "HELIX IlIl THE END", (100, y), cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 4)
    assert find_rulings(mark_ink(page)) == ([], [])


def test_erased_rulings_leave_the_letters() -> None:
    ink = mark_ink(draw_table())
    before = find_lines(ink[:250])
    horizontal, vertical = find_rulings(ink)
    erase_rulings(ink, [*horizontal, *vertical], 0)
    assert find_lines(ink[:250]) == before
    assert len(find_lines(ink)) == 4


# --- lines


def test_lines_are_parted_and_letters_are_not() -> None:
    ink = np.zeros((400, 600), np.uint8)
    # A letter of two parts, one above the other, as large as two lines would be
    ink[40:80, 50:140] = ink[86:126, 60:130] = 255
    ink[200:240, 50:300] = ink[260:300, 50:280] = ink[205:235, 330:420] = 255
    assert find_lines(ink) == [Box(50, 40, 140, 126), Box(50, 200, 420, 240), Box(50, 260, 280, 300)]


def test_dirt_is_no_line_and_a_point_is() -> None:
    ink = np.zeros((100, 100), np.uint8)
    ink[10:13, 10:13] = 255
    ink[50:60, 50:60] = 255
    assert find_lines(drop_specks(ink)) == [Box(50, 50, 60, 60)]


def test_a_line_is_cut_out_with_white_around_it() -> None:
    page = np.zeros((100, 100), np.uint8)
    picture = cut_line(page, Box(20, 40, 60, 50), 30)
    assert picture.shape[0] == 30
    assert picture[:10].min() == picture[20:].min() == 255
    assert picture[12:18, 20:50].max() == 0


# --- shapes of numbers


@pytest.mark.parametrize("text", ["0", "1", "8", "69", "2357", "1048", "90210", "0.5", "1204.3576", "1,024"])
def test_shapes_agree_with_what_is_printed(text: str) -> None:
    assert agrees_with_shapes(text, draw_number(text))


# A 6 differs from a 9 in nothing that is counted, nor either from a 4, nor those without holes from each other
UNLIKE = [(one, other) for one in "068" for other in "0123456789" if one != other and {one, other} - set("469")]


@pytest.mark.parametrize(
    ("printed", "recognised"),
    [*UNLIKE, ("3", "8"), ("5", "6"), ("7", "9"), ("1", "11"), ("11", "1"), ("100", "10"), ("", "0"), ("0", "O")],
)
def test_shapes_contradict_another_number(printed: str, recognised: str) -> None:
    assert not agrees_with_shapes(recognised, draw_number(printed))


@pytest.mark.parametrize(("printed", "recognised"), [("1.2", "12"), ("12", "1.2"), ("1.2", "112"), ("35.71", "3571")])
def test_a_decimal_point_is_counted(printed: str, recognised: str) -> None:
    assert not agrees_with_shapes(recognised, draw_number(printed))


@pytest.mark.parametrize("mark", ["/", "-", "|", "O"])
def test_marks_of_cells_without_a_number_are_none(mark: str) -> None:
    assert not agrees_with_shapes(mark, draw_number(mark))


@pytest.mark.parametrize("mark", ["/", "-", "_"])
def test_a_leaning_stroke_and_a_dash_are_no_one(mark: str) -> None:
    assert not agrees_with_shapes("1", draw_number(mark))


def test_a_broken_stroke_is_mended() -> None:
    broken = draw_number("0")
    middle = broken.shape[1] // 2
    broken[: broken.shape[0] // 2, middle - 1 : middle + 1] = 0
    assert agrees_with_shapes("0", broken)


def test_digits_that_touch_are_in_doubt() -> None:
    touching = draw_number("11")
    foot = touching.shape[0] - 11
    touching[foot : foot + 2, 12:-12] = 255
    assert not agrees_with_shapes("11", touching)
    assert not agrees_with_shapes("1", draw_number("11"))
