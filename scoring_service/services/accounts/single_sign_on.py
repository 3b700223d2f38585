"""Sign-in by OpenID Connect: the authorization code flow with PKCE, a state and a nonce, at one provider.

The provider says who somebody is by a claim of a signed ID token; it makes no account and gives no role.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests.exceptions import RequestException

from scoring_service.db.clock_mark import server_now
from scoring_service.problems import Forbidden, Unavailable

if TYPE_CHECKING:
    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.transaction import Service
    from scoring_service.settings import Settings

TIMEOUTS_SECONDS = (3, 5)  # to connect, to answer
KNOWN_FOR_SECONDS = 3600
UNREACHABLE_FOR_SECONDS = 10
LEEWAY_SECONDS = 60
# Only keys of which the provider alone holds the private half: no shared secret, and never `none`.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
KINDS_OF_KEYS = {"RSA", "EC", "OKP"}
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
BASIC, POST = "client_secret_basic", "client_secret_post"

_log = structlog.get_logger("scoring_service.services.accounts.single_sign_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in that was sent to the provider: `address` for the browser, the rest is kept until it returns."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What the provider's discovery document says: where to send people and ask, and how to prove who asks."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authentication: str


class ProviderUnreachable(Unavailable):
    """The provider does not answer, or its answer is no OpenID Connect."""

    def __init__(self) -> None:
        detail = (
            "统一身份认证暂时连不上，请稍后再试，或者用密码登录 / "
            "the identity provider cannot be reached; try again later, or sign in with a password"
        )
        super().__init__("provider_unreachable", detail, retry_after=UNREACHABLE_FOR_SECONDS)


class AnswerRefused(Forbidden):
    """The provider answered, but with nothing that proves who somebody is; why is in the log."""

    def __init__(self, reason: str) -> None:
        _log.warning("single_sign_on_refused", reason=reason)
        detail = (
            "统一身份认证的答复无法核实，没有登录。请重新登录；仍然如此，请联系管理员 / "
            "the identity provider's answer could not be verified; sign in again, or ask the administrator"
        )
        super().__init__("sign_in_refused", detail)


def moment(service: Service) -> float:
    """Return the time in seconds by the database server's clock: a sign-in may end on another host."""
    with service.engine.connect() as conn:
        return server_now(conn).timestamp()


class Provider:
    """The provider of the settings. What it publishes is read when first needed, and again after an hour."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = str(settings.oidc_issuer)
        self._client_id = str(settings.oidc_client_id)
        self._client_secret = settings.oidc_client_secret
        self._claim = str(settings.oidc_claim)
        self._metadata: Published | None = None
        self._keys: JsonObject = {}
        self._known_until = self._unreachable_until = float("-inf")

    def begin(self, return_address: str) -> Begun:
        """Return where to send the browser. Raises ProviderUnreachable."""
        metadata = self._published()
        verifier, nonce = generate_token(64), generate_token(32)
        with self._client(metadata, return_address) as client:
            address, state = client.create_authorization_url(
                metadata.authorization_endpoint, code_verifier=verifier, nonce=nonce
            )
        return Begun(address=address, state=state, nonce=nonce, verifier=verifier)

    def username(self, *, code: str, return_address: str, nonce: str, verifier: str, now: float) -> str:
        """Return the username that the provider vouches for at `now`. Raises ProviderUnreachable, AnswerRefused."""
        metadata = self._published()
        try:
            with self._client(metadata, return_address) as client:
                answer = client.fetch_token(metadata.token_endpoint, code=code, code_verifier=verifier)
        except OAuthError as error:
            raise AnswerRefused(f"token endpoint: {error.error}") from error
        except (RequestException, ValueError) as error:
            raise ProviderUnreachable from error
        try:
            claims = self._verified(answer, nonce, metadata, now)
        except (JoseError, ValueError) as error:
            raise AnswerRefused(f"id_token: {_reason(error)}") from error
        return self._named(claims)

    def _verified(self, answer: JsonObject, nonce: str, metadata: Published, now: float) -> CodeIDToken:
        token = self._decoded(str(answer.get("id_token", "")), metadata)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id},
            },
            {"nonce": nonce, "client_id": self._client_id, "access_token": answer.get("access_token")},
        )
        claims.validate(now=int(now), leeway=LEEWAY_SECONDS)
        return claims

    def _decoded(self, encoded: str, metadata: Published) -> jwt.Token:
        """Return the token with its signature verified; keys that may have changed since are read once more."""
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            return jwt.decode(encoded, _key_set(self._keys), registry=registry)
        except (InvalidKeyIdError, BadSignatureError):
            self._keys = self._fetched(metadata.jwks_uri)
            return jwt.decode(encoded, _key_set(self._keys), registry=registry)

    def _named(self, claims: CodeIDToken) -> str:
        value = claims.get(self._claim)
        if not isinstance(value, str) or not value:
            raise AnswerRefused(f"id_token: no claim {self._claim}")
        if self._claim == "email" and claims.get("email_verified") is not True:
            raise AnswerRefused("id_token: email_verified is not true")
        return value

    def _published(self) -> Published:
        """Return the discovery document; one that could not be read is not asked for again at once."""
        now = time.monotonic()
        if self._metadata is not None and now < self._known_until:
            return self._metadata
        if now < self._unreachable_until:
            raise ProviderUnreachable
        try:
            metadata = self._discovered()
            self._keys = self._fetched(metadata.jwks_uri)
        except ProviderUnreachable:
            self._unreachable_until = now + UNREACHABLE_FOR_SECONDS
            raise
        self._metadata, self._known_until = metadata, now + KNOWN_FOR_SECONDS
        return metadata

    def _discovered(self) -> Published:
        document = self._fetched(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        endpoints = {name: document.get(name) for name in ENDPOINTS}
        if document.get("issuer") != self._issuer or not all(endpoints.values()):
            _log.warning("single_sign_on_discovery", reason="another issuer, or an endpoint is missing")
            raise ProviderUnreachable
        methods = document.get("token_endpoint_auth_methods_supported", [BASIC])
        is_basic = isinstance(methods, list) and BASIC in methods
        addresses = {name: str(address) for name, address in endpoints.items()}
        return Published(**addresses, authentication=BASIC if is_basic else POST)

    def _fetched(self, address: str) -> JsonObject:
        try:
            with OAuth2Session(default_timeout=TIMEOUTS_SECONDS) as http:
                answer = http.get(address, withhold_token=True)
                answer.raise_for_status()
                document = answer.json()
        except (RequestException, ValueError) as error:
            _log.warning("single_sign_on_unreachable", reason=type(error).__name__)
            raise ProviderUnreachable from error
        if not isinstance(document, dict):
            raise ProviderUnreachable
        return document

    def _client(self, metadata: Published, return_address: str) -> OAuth2Session:
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method=metadata.authentication,
            scope="openid profile email",
            redirect_uri=return_address,
            code_challenge_method="S256",
            default_timeout=TIMEOUTS_SECONDS,
        )


def _key_set(published: JsonObject) -> KeySet:
    """Return the keys that may sign; other kinds that a provider publishes beside them do no harm."""
    offered: Any = published.get("keys", [])
    keys = [
        key
        for key in offered
        if key.get("kty") in KINDS_OF_KEYS and key.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": keys})


def _reason(error: Exception) -> str:
    """Return the kind of a fault and the claim that it is about; its text may quote the token."""
    claim = getattr(error, "claim", None)
    return f"{type(error).__name__} {claim}" if claim else type(error).__name__
