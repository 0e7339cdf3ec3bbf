"""What a person would see on the page: its charts' marks and its pictures' colours."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page

WIDTH, HEIGHT = 1000, 900
LEAST_CONTRAST = 60  # of 255, between a bar and the ground it stands on
LEAST_PIXELS = 1.0
# For each chart: its title, and for each row its figure, the bar's box and whether it is shown.
CHARTS = """() => [...document.querySelectorAll("svg.chart")].map(chart => ({
    title: chart.getAttribute("aria-label"),
    marks: [...chart.querySelectorAll("g")].map(row => {
        const bar = row.querySelector("rect.bar");
        const box = bar ? bar.getBoundingClientRect() : {x: 0, y: 0, width: 0, height: 0};
        return {
            value: Number(row.querySelector("text.value").dataset.value),
            x: box.x + window.scrollX, y: box.y + window.scrollY,
            width: box.width, height: box.height,
        };
    }),
}))"""
type Scheme = Literal["light", "dark"]
type Colour = tuple[int, ...]


class Mark(NamedTuple):
    """One bar: its figure, and its place and size in pixels of the whole page."""

    value: float
    x: float
    y: float
    width: float
    height: float


@contextmanager
def window_on(browser: Browser, path: Path, scheme: Scheme) -> Iterator[Page]:
    """The page in a window that prefers light or dark."""
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme, device_scale_factor=1
    )
    try:
        page.goto(path.as_uri())
        yield page
    finally:
        page.close()


def charts_of(page: Page) -> dict[str, list[Mark]]:
    """The bars of each chart by its title."""
    found = page.evaluate(CHARTS)
    return {chart["title"]: [Mark(**mark) for mark in chart["marks"]] for chart in found}


def picture_of(page: Page) -> Image.Image:
    """The whole page as it is drawn."""
    return Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")


def empty_charts(page: Page) -> list[str]:
    """Titles of the charts in which a figure that is not zero has no bar that can be seen."""
    picture = picture_of(page)
    ground = _colour(picture, 2, 2)
    return [
        title
        for title, marks in charts_of(page).items()
        if not marks
        or not any(mark.value for mark in marks)
        or not all(_is_seen(picture, mark, ground) for mark in marks if mark.value)
    ]


def brightness(picture: Image.Image) -> float:
    """Mean lightness, from 0 (black) to 255 (white)."""
    grey = picture.convert("L").resize((1, 1), Image.Resampling.BOX)
    return float(_colour(grey, 0, 0)[0])


def drawn_share(picture: Image.Image) -> float:
    """The share of the pixels that are not the ground's colour."""
    ground = _colour(picture, 2, 2)
    counts = picture.getcolors(picture.width * picture.height) or []
    same = sum(count for count, colour in counts if colour == ground)
    return 1 - same / (picture.width * picture.height)


def _is_seen(picture: Image.Image, mark: Mark, ground: Colour) -> bool:
    if mark.width < LEAST_PIXELS or mark.height < LEAST_PIXELS:
        return False
    middle = _colour(picture, int(mark.x + mark.width / 2), int(mark.y + mark.height / 2))
    return max(abs(a - b) for a, b in zip(middle, ground, strict=True)) >= LEAST_CONTRAST


def _colour(picture: Image.Image, x: int, y: int) -> Colour:
    found = picture.getpixel((x, y))
    return found if isinstance(found, tuple) else (int(found or 0),)
