"""The docs page at `/api/docs`: Swagger UI out of its wheel, every asset from this host."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, send_from_directory
from werkzeug.exceptions import NotFound

PAGES = Path(__file__).parent / "pages"
BUNDLE = Path(flask_swagger_ui.__file__).parent / "dist"
ASSETS = {
    "docs.js": PAGES,
    "swagger-ui-bundle.js": BUNDLE,
    "swagger-ui.css": BUNDLE,
    "favicon-32x32.png": BUNDLE,
}
KEPT_SECONDS = 3600
# Swagger UI writes styles into its elements and draws its icons from data addresses.
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

blueprint = Blueprint("docs", __name__)


@blueprint.get("/api/docs")
def page() -> Response:
    """Show the page."""
    response = send_from_directory(PAGES, "docs.html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@blueprint.get("/api/docs/<filename>")
def asset(filename: str) -> Response:
    """Send one of the page's files, and no other."""
    if filename not in ASSETS:
        raise NotFound
    return send_from_directory(ASSETS[filename], filename, max_age=KEPT_SECONDS)
