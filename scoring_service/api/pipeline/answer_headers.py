"""Headers of every answer: they keep a browser from doing more with it than showing it."""

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# Beside them in production, which is reached by HTTPS only (RFC 6797; a browser heeds it over HTTPS alone).
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
# Beside them on every answer of the API: it may name a person.
UNCACHED = {"Cache-Control": "no-store"}
