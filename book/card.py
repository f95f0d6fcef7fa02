"""The card by which a link to a page is shown elsewhere: its title and the first thing that its run has found."""

import shutil
import subprocess
from html import escape
from tempfile import TemporaryDirectory
from textwrap import wrap

WIDE, HIGH = 1200, 630
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def draw(path, book, page, paint):
    """Writes the card beside the pages and gives its file: to be shown, a PNG where a browser is there to paint one, for
    most who show cards know no SVG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing = path.with_suffix(".svg")
    drawing.write_text(svg(book, page), encoding="utf-8")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    return png(browser, drawing) if browser and paint else drawing


def svg(book, page):
    found = page.finding.sentence if page.finding else page.summary
    title, said = wrap(page.title, 44)[:2], wrap(found, 42)[:4]
    if said and len(" ".join(said)) < len(found):
        said[-1] += " …"
    foot = " · ".join(filter(None, [page.machine, page.date]))
    lines = [text(book, 60, 90, 28, "#57606a")]
    lines += [text(line, 60, 150 + 44 * row, 36, "#1b1f24") for row, line in enumerate(title)]
    lines += [text(line, 60, 300 + 66 * row, 52, "#b35000", 650) for row, line in enumerate(said)]
    lines += [text(foot, 60, HIGH - 50, 24, "#57606a")]
    body = "\n".join(lines)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}">
<rect width="{WIDE}" height="{HIGH}" fill="#fdfdfb"/><rect width="16" height="{HIGH}" fill="#d55e00"/>
<g font-family="system-ui, -apple-system, Segoe UI, Roboto, sans-serif">
{body}
</g></svg>
"""


def text(words, x, y, size, colour, weight=400):
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}">{escape(words)}</text>'


def png(browser, drawing):
    """The drawing as a browser paints it; the drawing itself if this one does not."""
    picture = drawing.with_suffix(".png")
    with TemporaryDirectory() as own:
        options = [
            "--headless",
            "--no-sandbox",
            "--hide-scrollbars",
            f"--user-data-dir={own}",
            f"--window-size={WIDE},{HIGH}",
        ]
        command = [browser, *options, f"--screenshot={picture}", drawing.as_uri()]
        try:
            subprocess.run(command, capture_output=True, timeout=60, check=True)
        except (subprocess.SubprocessError, OSError):
            return drawing
    return picture if picture.exists() else drawing
