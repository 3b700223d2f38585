"""Headers of every answer: they keep a browser from doing more with it than showing it."""

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# Beside them on every answer of the API: it may name a person.
UNCACHED = {"Cache-Control": "no-store"}
