"""Colours as the eye has them (Oklab: Björn Ottosson, 2020), and their counterparts on a dark page."""

from functools import cache

# The lightness of a light page's paper and ink, and of a dark page's ground and letters: one becomes the other.
PAPER, INK = 1.0, 0.24
GROUND, LETTERS = 0.21, 0.91


def channels(colour):
    """Red, green and blue of #rgb or #rrggbb, in linear light."""
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(colour):
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), channels(colour), strict=True))


def contrast(one, other):
    """As WCAG counts it: 1 for none, 21 for black on white."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(colour):
    r, g, b = channels(colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def linear(lightness, a, b):
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


@cache
def dark(colour):
    """The same hue for a dark page: lightness turned round, and as much of the colour as a screen can show."""
    lightness, a, b = lab(colour)
    turned = min(GROUND + (PAPER - lightness) * (LETTERS - GROUND) / (PAPER - INK), 0.97)
    chroma = 1.0
    while chroma > 0 and not all(-0.001 <= part <= 1.001 for part in linear(turned, a * chroma, b * chroma)):
        chroma -= 0.05
    return "#" + "".join(f"{shown(part):02x}" for part in linear(turned, a * chroma, b * chroma))


def shown(part):
    part = min(max(part, 0.0), 1.0)
    part = part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(255 * part)
