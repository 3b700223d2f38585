"""Styles and scripts, all from this host: our own files and Bootstrap's from the installed wheel.

Each is read once, kept compressed, and named with its hash, so that a browser keeps it for good.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from flask import Response, request, url_for

from scoring_service.problems import NotFound
from scoring_service.web.frame.pages import public

if TYPE_CHECKING:
    from flask import Flask

_OWN = ("console.css", "dark.css", "print.css", "console.js", "icon.svg")
_MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_KEPT = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file as it is sent; `version` is the beginning of its SHA-256."""

    content: bytes
    compressed: bytes
    media_type: str
    version: str


@cache
def assets() -> dict[str, Asset]:
    """Return every file by name."""
    contents = {name: (files("scoring_service.web") / "static" / name).read_bytes() for name in _OWN}
    bootstrap = files("flask_bootstrap") / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
    contents["bootstrap.css"] = bootstrap.read_bytes().replace(b"/*# sourceMappingURL=bootstrap.min.css.map */", b"")
    return {name: _asset(name, content) for name, content in contents.items()}


def _asset(name: str, content: bytes) -> Asset:
    return Asset(
        content=content,
        compressed=gzip.compress(content, 9, mtime=0),
        media_type=_MEDIA_TYPES["." + name.rsplit(".", 1)[1]],
        version=hashlib.sha256(content).hexdigest()[:12],
    )


def prepare(app: Flask) -> None:
    """Give templates `asset_url(name)`."""
    app.add_template_global(asset_url)


def asset_url(name: str) -> str:
    """Return the address of a file, with its version."""
    return url_for("web.asset", name=name, v=assets()[name].version)


@public("/static/<name>")
def asset(name: str) -> Response:
    """Send a file, compressed where the browser takes that."""
    if name not in assets():
        raise NotFound
    content = assets()[name]
    response = Response(content.content, content_type=content.media_type)
    if request.accept_encodings["gzip"]:
        response.set_data(content.compressed)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = _KEPT
    return response
