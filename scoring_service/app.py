"""The application factory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from scoring_service import api, web
from scoring_service.api.pipeline.access import JSON_LIMIT, PREFIX, ROWS, unlisted
from scoring_service.api.pipeline.answer_headers import HTTPS_ONLY, SAFE, UNCACHED
from scoring_service.api.pipeline.errors import answer_failure
from scoring_service.api.pipeline.quick_eligibility import QuickEligibility
from scoring_service.api.pipeline.request import dispatch
from scoring_service.api.schemas.practitioners import FileAnswer
from scoring_service.api.tables.files import list_file
from scoring_service.api.tables.period_report import report_pdf, report_workbook
from scoring_service.api.tables.person_document import person_pdf
from scoring_service.api.tables.report import year_report
from scoring_service.failures import report
from scoring_service.problems import Problem
from scoring_service.runtime.health import health_blueprint
from scoring_service.runtime.hosts import host_names, name_of
from scoring_service.runtime.key_file import KeysInUse
from scoring_service.runtime.proxies import warn_of_unnamed_proxy
from scoring_service.runtime.start import application_service, running_database
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings
from scoring_service.telemetry.requests import watch_requests
from scoring_service.web.frame.layout import answer_failure as answer_failure_by_page
from scoring_service.web.frame.layout import is_page
from scoring_service.written import as_address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
# Its answer tells the reference back as it was asked.
TOLD_BACK = "eligibility.get_eligibility"


def _check_encoding(environ: Mapping[str, Any]) -> None:
    """Refuse an address that is not UTF-8. Raises Problem 400."""
    try:
        environ["PATH_INFO"].encode("latin-1").decode("utf-8")
        unquote_to_bytes(environ.get("QUERY_STRING", "").encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise Problem(400, "malformed", "地址不是 UTF-8 / the address is not UTF-8") from None


class Application(Flask):
    """Flask, with the pipeline of `api.pipeline.request` in front of every view under `/api/v1`."""

    def __init__(self, keys: Callable[[], tuple[str, ...]]) -> None:
        """Take what returns the session keys that count, the present one first."""
        super().__init__("scoring_service", static_folder=None)
        self._session_keys = keys
        self._take_keys()

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer under the session keys that count by now."""
        self._take_keys()
        return super().wsgi_app(environ, start_response)

    def _take_keys(self) -> None:
        present, *earlier = self._session_keys()
        if present != self.secret_key or earlier != self.config["SECRET_KEY_FALLBACKS"]:
            signs = {"SECRET_KEY": present, "SECRET_KEY_FALLBACKS": earlier}
            self.config.update(signs, WTF_CSRF_SECRET_KEY=[*reversed(earlier), present])

    def dispatch_request(self) -> Response:
        """Answer the request; routes of the API go through authentication, the table and a transaction."""
        rule = request.url_rule
        if request.routing_exception is not None or rule is None:
            self.raise_routing_exception(request)
        _check_encoding(request.environ)
        if rule.endpoint != TOLD_BACK:
            request.view_args = {
                name: as_address(name, part) for name, part in (request.view_args or {}).items()
            }
        automatic = getattr(rule, "provide_automatic_options", False) and request.method == "OPTIONS"
        if automatic or not rule.rule.startswith(PREFIX):
            return self.make_response(super().dispatch_request())
        return dispatch(self._view(rule.endpoint))

    def log_exception(self, exc_info: tuple[type, BaseException, object] | tuple[None, None, None]) -> None:
        """Log type and place only: Flask would log the text of the exception, which may hold personal data."""
        if isinstance(exc_info[1], Exception):
            report(exc_info[1], g.get("request_id"))

    def _view(self, endpoint: str) -> Callable[[], Response]:
        return lambda: self.make_response(
            self.ensure_sync(self.view_functions[endpoint])(**request.view_args or {})
        )


def create_app(settings: Settings, service: Service | None = None) -> Application:
    """The application on a database that runs already. Keys must be filled in (`keys.with_keys`).

    Raises RuntimeError for a route that nobody put into the table of access.
    """
    app = Application(KeysInUse(settings, "secret_key").read)
    app.config["MAX_CONTENT_LENGTH"] = JSON_LIMIT
    app.url_map.merge_slashes = False
    app.json.sort_keys = app.json.ensure_ascii = False  # type: ignore[attr-defined]
    service = service or application_service(settings, running_database(settings))
    app.extensions["scoring_service"] = service
    app.wsgi_app = QuickEligibility(app.wsgi_app, service)  # type: ignore[method-assign]
    if count := settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    watch_requests(app)
    if not settings.proxies:
        warn_of_unnamed_proxy(app)
    app.before_request(partial(_check_host, host_names(settings.hosts, settings.host)))
    app.after_request(partial(_secure, SAFE | HTTPS_ONLY if settings.production else SAFE))
    app.register_error_handler(Exception, _answer_failure)
    embedded_in = settings.data_dir if settings.embedded else None
    app.register_blueprint(health_blueprint(service.engine, embedded_in=embedded_in, replicas=service.replicas))
    api.register(app)
    web.register(
        app,
        file_as_json=FileAnswer().dump,
        list_file=list_file,
        year_report=year_report,
        period_reports={"xlsx": report_workbook, "pdf": report_pdf},
        person_pdf=person_pdf,
        access=ROWS,
    )
    if missing := unlisted(app.url_map):
        raise RuntimeError(f"routes without a row in api/pipeline/access.py: {', '.join(missing)}")
    return app


def _answer_failure(error: Exception) -> Response:
    """Tell what went wrong: by a page to whoever looks at pages, else by a problem document."""
    return answer_failure_by_page(error) if is_page(request.path) else answer_failure(error)


def _check_host(names: frozenset[str]) -> None:
    """Refuse a host that is none of ours. Raises Problem 400. Probes of the machinery come by any name or address."""
    if request.path not in PROBES and name_of(request.environ.get("HTTP_HOST", "")) not in names:
        detail = "未知的主机名，请检查 SCORING_HOSTS / this host name is not in SCORING_HOSTS"
        raise Problem(400, "unknown_host", detail)


def _secure(safe: dict[str, str], response: Response) -> Response:
    """Set the headers of every answer that the view has not set otherwise; one without a body has no type."""
    if response.status_code == HTTPStatus.NO_CONTENT:
        response.headers.pop("Content-Type", None)
    for name, value in (safe | UNCACHED if request.path.startswith(PREFIX) else safe).items():
        response.headers.setdefault(name, value)
    return response
