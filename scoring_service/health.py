"""What an operator's machinery asks: is the process alive, is it ready, what has it counted."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, jsonify
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from scoring_service import metrics
from scoring_service.db.migrate import database_revision, head_revision

RETRY_AFTER_SECONDS = 5

Check = Callable[[], str | None]


def health_blueprint(engine: Engine, *further: tuple[str, Check]) -> Blueprint:
    """`/healthz`, `/readyz`, `/metrics`. `further` are named checks that answer None or what is wrong."""
    blueprint = Blueprint("health", __name__)
    checks: tuple[tuple[str, Check], ...] = (("database", partial(_database, engine)), *further)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> Response:
        found = {name: check() for name, check in checks}
        ready = not any(found.values())
        response = jsonify(
            status="ready" if ready else "not ready",
            checks={name: trouble or "ok" for name, trouble in found.items()},
        )
        if not ready:
            response.status_code = 503
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response

    @blueprint.get("/metrics")
    def exposition() -> Response:
        return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)

    return blueprint


def _database(engine: Engine) -> str | None:
    try:
        present, wanted = database_revision(engine), head_revision()
    except SQLAlchemyError:
        return "the database does not answer"
    return None if present == wanted else f"migrations: at {present}, not at {wanted}"
