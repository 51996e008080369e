"""One way of writing for what LaTeX, Unicode and plain text write in many."""

import re
import unicodedata

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", "0123456789+-=()n")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()")
_SIGNS = {
    "π": r"\pi ",
    "∞": r"\infty ",
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "×": r"\cdot ",
    "·": r"\cdot ",
    "⋅": r"\cdot ",
    "÷": "/",
    "−": "-",
    "–": "-",
    "∪": r"\cup ",
    "∩": r"\cap ",
    "∈": r"\in ",
    "±": r"\pm ",
    "°": "",
    "θ": r"\theta ",
    "α": r"\alpha ",
    "β": r"\beta ",
    "⌊": r"\lfloor ",
    "⌋": r"\rfloor ",
    "⌈": r"\lceil ",
    "⌉": r"\rceil ",
    "½": r"\frac{1}{2}",
    "¼": r"\frac{1}{4}",
    "¾": r"\frac{3}{4}",
    "⅓": r"\frac{1}{3}",
    "⅔": r"\frac{2}{3}",
    "∅": r"\emptyset ",
}
_COMMANDS = [
    (r"\\(?:left|right|big|Big|bigg|Bigg|displaystyle|textstyle|limits)(?![A-Za-z])[lr]?", ""),
    (r"\\(?:dfrac|tfrac|cfrac)(?![A-Za-z])", r"\\frac"),
    (r"\\(?:leqslant|leq)(?![A-Za-z])", r"\\le "),
    (r"\\(?:geqslant|geq)(?![A-Za-z])", r"\\ge "),
    (r"\\(?:times|ast)(?![A-Za-z])", r"\\cdot "),
    (r"\\(?:div)(?![A-Za-z])", "/"),
    (r"\\lt(?![A-Za-z])", "<"),
    (r"\\gt(?![A-Za-z])", ">"),
    (r"\\(?:varnothing)(?![A-Za-z])", r"\\emptyset "),
    (r"\\(?:quad|qquad|hspace\{[^}]*\}|,|;|:|!| |~)(?![A-Za-z])|(?<!\\)~", " "),
    (r"\{,\}", ","),
    (r"\^\s*\{?\s*\\(?:circ|degree)\s*\}?|\\degree(?![A-Za-z])", ""),
    (r"\\[()\[\]]|(?<!\\)\$|\\\$", " "),
    (r"\\%|(?<!\\)%", "%"),
    (r"\\(?:mathrm|mathit|mathbf|boldsymbol|operatorname|rm|bf|it)\s*\{\s*([a-zA-Z])\s*\}", r"\1"),
]
_TEXT = re.compile(r"\\(?:text|textbf|textit|textrm|mbox|mathrm|mathbf|operatorname|mathit|boldsymbol|underline)\s*\{([^{}]*)\}")
_ORDINAL = re.compile(r"(?<=\d)\s*\^?\s*\{?\s*(?:st|nd|rd|th)\b\s*\}?")
_UNIT = re.compile(
    r"(?<=[\d})])\s*(?:(?:square|cubic|sq\.?|cu\.?)\s+)?(?!and\b|or\b|if\b|where\b|for\b|mod\b)"
    r"(?:[A-Za-z]{2,}\.?|(?<=\s)[a-zA-Z])(?:\s*/\s*[A-Za-z]+|\s+(?!and\b|or\b|if\b|where\b|for\b)[A-Za-z]+)*(?:\s*\^\s*\{?\d\}?)?\s*$"
)
_AND = re.compile(r"(?<![A-Za-z\\])(?:and|or)(?![A-Za-z])|\\(?:land|lor)(?![A-Za-z])")
_LETTERED = re.compile(r"^\s*\(?([A-J])\)[\s:.]*(?=\S)")


def normalise(text: str) -> str:
    """An answer in the one way of writing: no spaces of layout, no units, no dollar signs, no bold letters of choices before it.

    Args:
        text: the inside of a box, a gold as its benchmark writes it, or what was said.
    """
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ⁽⁾]+", lambda found: f"^{{{found[0].translate(_SUPERSCRIPTS)}}}", text)
    text = re.sub("[₀₁₂₃₄₅₆₇₈₉₊₋]+", lambda found: f"_{{{found[0].translate(_SUBSCRIPTS)}}}", text)
    text = re.sub(r"√\s*(\d+(?:\.\d+)?|[a-z]|\()", lambda found: rf"\sqrt({''}" if found[1] == "(" else rf"\sqrt{{{found[1]}}}", text)
    for sign, latex in _SIGNS.items():
        text = text.replace(sign, latex)
    text = unicodedata.normalize("NFKC", text).replace("**", "").replace("`", "")
    text = text.replace("\\\\", "\\newrow ")
    for pattern, written in _COMMANDS:
        text = re.sub(pattern, written, text)
    worded = bool(_TEXT.search(text))
    text = _TEXT.sub(r" \1 ", text).strip()
    text = _ORDINAL.sub("", text)
    text = _AND.sub(", ", text)
    lettered = _LETTERED.match(text)
    if lettered and worded:
        text = text[lettered.end() :]
    text = text.rstrip(".,;: \n").lstrip(",;: \n")
    text = _UNIT.sub("", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\\sqrt\s*(?=[\d.]|[a-z]\b|\()", r"\\sqrt ", text)
    return _tight(text)


def _tight(text: str) -> str:
    """No space that parts nothing; one stays between words, and after a command before a letter."""
    text = re.sub(r"(\\[A-Za-z]+) (?![A-Za-z])", r"\1", text)
    return re.sub(r"(?<![A-Za-z]) | (?![A-Za-z])", "", text).strip()


def words(text: str) -> str:
    """A text of words in small letters, to compare texts that are no mathematics."""
    return re.sub(r"[^\w]+", " ", text.casefold()).strip()


def unbraced(text: str) -> str:
    """The same without braces around a single sign, for texts that are to be equal sign by sign."""
    text = re.sub(r"\{(\w|\\[A-Za-z]+)\}", r"\1", text)
    return text.replace(" ", "")
