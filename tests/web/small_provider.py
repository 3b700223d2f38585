"""A small OpenID Connect provider, by Authlib's own server side, on the loopback over real HTTP.

A person types who they are and is sent back. `wrong` changes what goes into the next ID tokens, `key` signs them.
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "scoring", "a secret of the tests"


class Client:
    """The one registered client; any redirect address on the loopback is its own."""

    scope = "openid profile email"
    id_token_signed_response_alg = "RS256"

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        own = redirect_uri.startswith(("http://localhost", "http://127.0.0.1:"))
        return own and redirect_uri.endswith("/sign-in/oidc/return")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code(SimpleNamespace):
    """A code that waits to be exchanged, once."""

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass(slots=True, kw_only=True)
class SmallProvider:
    """`published` is the key set that it shows, `asked` counts the calls of each address."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    published: list[RSAKey] = field(default_factory=list)
    wrong: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    def reset(self) -> None:
        self.wrong = {}
        self.published = [self.key]
        self.asked = {}


def make_app(provider: SmallProvider) -> Flask:
    app = Flask("small_provider")
    server = AuthorizationServer(app, lambda name: Client() if name == CLIENT_ID else None, lambda *_all: None)
    server.register_grant(grant_of(provider), [_id_token_of(provider)(), CodeChallenge(required=True)])

    @app.before_request
    def count() -> None:
        provider.asked[request.path] = provider.asked.get(request.path, 0) + 1

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        return {
            "issuer": provider.issuer,
            "authorization_endpoint": f"{provider.issuer}/authorize",
            "token_endpoint": f"{provider.issuer}/token",
            "jwks_uri": f"{provider.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in provider.published]}

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Any:
        grant = server.get_consent_grant(end_user=None)
        if request.method == "GET":
            return "<!doctype html><form method=post><input name=who aria-label=who><button>Go</button></form>"
        who = request.form["who"]
        return server.create_authorization_response(grant_user=SimpleNamespace(name=who) if who else None, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return app


def grant_of(provider: SmallProvider) -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, asked: Any) -> None:
            provider.codes[code] = Code(
                code=code,
                redirect_uri=asked.payload.redirect_uri,
                scope=asked.payload.scope,
                nonce=asked.payload.data["nonce"],
                code_challenge=asked.payload.data["code_challenge"],
                code_challenge_method=asked.payload.data["code_challenge_method"],
                auth_time=int(time.time()),
                user=asked.user,
            )

        def query_authorization_code(self, code: str, _client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> Any:
            return authorization_code.user

    return Grant


def _id_token_of(provider: SmallProvider) -> type[OpenIDCode]:
    class IdToken(OpenIDCode):
        def exists_nonce(self, _nonce: str, _asked: Any) -> bool:
            return False

        def resolve_client_private_key(self, _client: Client) -> RSAKey:
            return provider.key

        def get_encode_header(self, _client: Client) -> dict[str, str]:
            return {"alg": "RS256", "kid": provider.key.kid}

        def get_client_claims(self, _client: Client) -> dict[str, Any]:
            return {"iss": provider.issuer, "aud": [CLIENT_ID]}

        def get_authorization_code_claims(self, authorization_code: Code) -> dict[str, Any]:
            told = super().get_authorization_code_claims(authorization_code)
            return {name: value for name, value in told.items() if name not in provider.wrong}

        def generate_user_info(self, user: Any, _scope: str) -> dict[str, Any]:
            told = {"sub": secrets.token_hex(4), "preferred_username": user.name}
            return {name: value for name, value in (told | provider.wrong).items() if value is not None}

    return IdToken


@contextmanager
def small_provider() -> Iterator[SmallProvider]:
    """A provider that runs for as long as the block."""
    provider = SmallProvider(issuer="")
    server = make_server("127.0.0.1", 0, make_app(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    provider.reset()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()
