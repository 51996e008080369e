"""What self-contained pages share: how they are put together, their look, and untrusted text made fit for them.

Text of traces is untrusted: it stands in a block of JSON that nothing in it can close, scripts put it on the page as text nodes only, and
the page's policy lets nothing run but its own script and nothing be fetched.
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ablate.page.visible import changed
from ablate.page.words import Segment

_SIGNS = {"deleted": -1, "equal": 0, "added": 1}
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def assembled(package: str, name: str, data: Any, images: bool = False) -> str:
    """The page of a package's `name.html`, `name.css` and `name.js`, over the common style; the same data gives the same bytes.

    Args:
        images: whether the page may show images that it holds itself.
    """
    page, style, script = (files(package).joinpath(f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    style = files(__package__).joinpath("common.css").read_text(encoding="utf-8") + style
    script = files(__package__).joinpath("common.js").read_text(encoding="utf-8") + script
    own = " img-src data:;" if images else ""
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}';{own} base-uri 'none'; form-action 'none'"
    parts = {"policy": policy, "style": style, "script": script, "data": embedded(data)}
    pieces = page.split("%%")
    return "".join(parts[piece] if at % 2 else piece for at, piece in enumerate(pieces))


def embedded(data: Any) -> str:
    """JSON that is inert inside a script element: no tag, no comment, no entity and no line end that a script would read."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def signed(segments: Iterable[Segment]) -> list[tuple[int, str]]:
    """Segments as pairs of -1, 0 or 1 and what is shown: the form in which `words` of the common script takes them."""
    return [(_SIGNS[segment.change], changed(segment)) for segment in segments]


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
