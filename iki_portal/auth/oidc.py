"""OpenID Connect with the office's provider (the extra `oidc`: Authlib). Asks no database, knows no request.

Authorization code with PKCE, state and nonce. Of what the provider answers only the id_token counts, and only once its
signature, issuer, audience, times and nonce are right; no token is kept (docs/decisions/0035).
"""

import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from iki_portal.config import OidcProvider, is_sealed_address
from iki_portal.domain.people import bare_identifier

#: Seconds until a provider that says nothing counts as away.
PATIENCE = 3
#: Seconds that what the provider publishes of itself is believed without asking again.
PUBLISHED_LASTS = 3600
#: Seconds that its clock may differ from ours.
CLOCKS_DIFFER = 60
#: Signatures that only the provider can make: neither `none`, nor a secret that others share.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class ProviderAway(Exception):
    """The provider does not answer, or not as a provider; the message is for the log."""


class ProviderRefused(Exception):
    """What came back is no proof of who somebody is; the message is for the log."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in, kept in the browser that began it until it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


class Provider:
    """Asks the provider nothing before somebody wants to sign in: a portal starts without it."""

    def __init__(self, settings: OidcProvider, *, redirect_uri: str, signed_out_uri: str) -> None:
        self.name = settings.name
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._signed_out_uri = signed_out_uri
        self._published: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def address_to_sign_in(self, attempt: Attempt) -> str:
        """Where to send the browser; raises `ProviderAway`."""
        address, _ = self._session().create_authorization_url(
            self._metadata()["authorization_endpoint"],
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
        )
        return str(address)

    def nip(self, code: str, attempt: Attempt) -> str:
        """The bare NIP of who came back with `code`, empty when none is told; raises `ProviderAway`, `ProviderRefused`."""
        claims = self._verified(self._id_token(code, attempt), attempt)
        told = claims.get(self._settings.nip_claim)
        return bare_identifier(str(told)) if isinstance(told, str | int) else ""

    def address_to_sign_out(self) -> str:
        """Where to end the session at the provider; empty when it offers no such place. Raises `ProviderAway`."""
        endpoint = self._metadata().get("end_session_endpoint")
        if not is_sealed_address(endpoint):
            return ""
        told = urlencode({"client_id": self._settings.client_id, "post_logout_redirect_uri": self._signed_out_uri})
        return f"{endpoint}{'&' if '?' in str(endpoint) else '?'}{told}"

    def look(self) -> None:
        """Whether it could be used now; raises `ProviderAway`."""
        self._keys()

    def _session(self) -> Any:
        from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415  # an extra

        places = ssl.get_default_verify_paths()  # what this machine trusts, also by SSL_CERT_FILE, as for mail
        return OAuth2Session(
            self._settings.client_id,
            self._settings.client_secret,
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106  # the name of a way
            scope=self._settings.scope,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            default_timeout=PATIENCE,
            max_redirects=0,
            verify=places.cafile or places.capath or True,
        )

    def _metadata(self) -> Mapping[str, Any]:
        """What the provider publishes of itself: of the issuer in the settings, and with addresses nobody can listen to."""
        issuer = self._settings.issuer
        found = self._get("discovery", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise self._unusable(f"the discovery document is of {found.get('issuer')!r}, not of {issuer!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_sealed_address(found.get(name)):
                raise self._unusable(f"{name} is not an https address")
        return found

    def _keys(self, *, anew: bool = False) -> Any:
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415

        address = self._metadata()["jwks_uri"]
        if anew:
            self._published.pop("keys", None)
        found = self._get("keys", address)
        try:
            return KeySet.import_key_set(found)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise self._unusable(f"its keys cannot be read: {error!r}") from error

    def _unusable(self, why: str) -> ProviderAway:
        """Forget what was published, so that it is asked again once it is mended."""
        self._published.clear()
        return ProviderAway(why)

    def _get(self, name: str, address: str) -> Mapping[str, Any]:
        import requests  # noqa: PLC0415

        at, kept = self._published.get(name, (0.0, {}))
        if kept and time.monotonic() - at < PUBLISHED_LASTS:
            return kept
        try:
            with self._session() as session:
                answer = session.get(address, withhold_token=True)
                answer.raise_for_status()
                found = answer.json()
        except requests.RequestException as error:
            raise ProviderAway(f"{address}: {error}") from error
        if not isinstance(found, dict):
            raise ProviderAway(f"{address}: no JSON object")
        self._published[name] = (time.monotonic(), found)
        return found

    def _id_token(self, code: str, attempt: Attempt) -> str:
        import requests  # noqa: PLC0415
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415

        address = self._metadata()["token_endpoint"]
        try:
            with self._session() as session:
                token = session.fetch_token(address, grant_type="authorization_code", code=code, code_verifier=attempt.verifier)
        except requests.RequestException as error:
            raise ProviderAway(f"{address}: {error}") from error
        except (AuthlibBaseError, ValueError) as error:
            raise ProviderRefused(f"no token for this code: {error}") from error
        found = token.get("id_token")
        if not isinstance(found, str):
            raise ProviderRefused("no id_token")
        return found

    def _verified(self, id_token: str, attempt: Attempt) -> Mapping[str, Any]:
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415
        from joserfc import jwt  # noqa: PLC0415
        from joserfc.errors import InvalidKeyIdError, JoseError  # noqa: PLC0415

        wanted = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        told = {"nonce": attempt.nonce, "client_id": self._settings.client_id}
        try:
            try:
                token = jwt.decode(id_token, self._keys(), algorithms=ALGORITHMS)
            except InvalidKeyIdError:  # signed with a key that is newer than those we have
                token = jwt.decode(id_token, self._keys(anew=True), algorithms=ALGORITHMS)
            claims = CodeIDToken(token.claims, token.header, wanted, told)
            claims.validate(leeway=CLOCKS_DIFFER)
        except (JoseError, ValueError, KeyError, TypeError) as error:  # also what is no token at all
            raise ProviderRefused(f"id_token: {error!r}") from error
        return claims  # type: ignore[no-any-return]
