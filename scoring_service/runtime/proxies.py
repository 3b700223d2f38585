"""A warning when requests come through a proxy that the settings do not name: all callers look like one address."""

import structlog
from flask import Flask, request

HEADERS = ("X-Forwarded-For", "Forwarded")

_log = structlog.get_logger("scoring_service.runtime.proxies")


def warn_of_unnamed_proxy(app: Flask) -> None:
    """Warn once in a process, at the first request that carries a proxy's header, while SCORING_PROXIES is 0."""
    warned = False

    def look() -> None:
        nonlocal warned
        if not warned and (header := next((name for name in HEADERS if name in request.headers), None)):
            warned = True
            _log.warning(
                "proxy_not_named",
                header=header,
                advice="set SCORING_PROXIES to the number of trusted proxies in front; until then every caller "
                "behind them counts as one address",
            )

    app.before_request(look)
