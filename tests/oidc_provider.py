"""A real OpenID Connect provider in a process of its own (Authlib's server side), which also lies, breaks and hangs.

`python -m tests.oidc_provider` serves on a free port of 127.0.0.1 and prints its address. A test says by `how` what the
next answers are; people sign in by typing a NIP.
"""

import hmac
import json
import os
import subprocess
import sys
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, abort, jsonify, make_response, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

from iki_portal.paths import PROJECT

CLIENT_ID, CLIENT_SECRET = "portal-iki", "rahasia-klien-penyedia-uji"
NAME = "SSO Pemkab"


class Client(ClientMixin):  # type: ignore[misc]  # Authlib says what a client must answer, and has no types
    """The only one: the portal."""

    redirect_uris: list[str] = []  # noqa: RUF012  # told once by the test
    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    def __init__(self, code: str, nip: str, asked: Any) -> None:
        self.code, self.nip, self.asked = code, nip, asked
        self.code_challenge, self.code_challenge_method = asked["code_challenge"], asked["code_challenge_method"]

    def get_redirect_uri(self) -> str:
        return str(self.asked["redirect_uri"])

    def get_scope(self) -> str:
        return str(self.asked["scope"])

    def get_nonce(self) -> str:
        return str(self.asked["nonce"])

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class World:
    """What the process remembers."""

    def __init__(self) -> None:
        self.issuer = ""
        self.how = "honest"
        self.keys: dict[str, Any] = {"satu": RSAKey.generate_key(2048, {"kid": "satu"})}
        self.codes: dict[str, Code] = {}
        #: Open while nobody hangs.
        self.gate = threading.Event()
        self.gate.set()

    def published(self) -> dict[str, Any]:
        return KeySet(list(self.keys.values())).as_dict(private=False)

    def signed(self, claims: dict[str, Any]) -> str:
        """The id_token as `how` wants it: every way in which one can be wrong."""
        lies = {
            "wrong-nonce": {"nonce": "orang-lain"},
            "no-nonce": {"nonce": None},
            "wrong-audience": {"aud": "aplikasi-lain"},
            "shared-audience": {"aud": [CLIENT_ID, "aplikasi-lain"]},
            "other-audience-our-party": {"aud": "aplikasi-lain", "azp": CLIENT_ID},
            "wrong-party": {"azp": "aplikasi-lain"},
            "expired": {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600},
            "endless": {"exp": None},
            "other-issuer": {"iss": "https://sso.jahat.example"},
            "no-nip": {"nip": None},
            "list-of-nips": {"nip": [claims["nip"]]},
            "spaced-nip": {"nip": f"{claims['nip'][:8]} {claims['nip'][8:14]} {claims['nip'][14:15]} {claims['nip'][15:]}"},
        }
        told = {name: value for name, value in {**claims, **lies.get(self.how, {})}.items() if value is not None}
        return SEALS.get(self.how, honest)(told)


def honest(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "satu"}, claims, WORLD.keys["satu"], ["RS256"])


def by_a_new_key(claims: dict[str, Any]) -> str:
    WORLD.keys["dua"] = ECKey.generate_key("P-256", {"kid": "dua"})
    return jwt.encode({"alg": "ES256", "kid": "dua"}, claims, WORLD.keys["dua"], ["ES256"])


def by_a_thief(claims: dict[str, Any]) -> str:
    """Under the name of a published key."""
    return jwt.encode({"alg": "RS256", "kid": "satu"}, claims, RSAKey.generate_key(2048, {"kid": "satu"}), ["RS256"])


def changed(claims: dict[str, Any]) -> str:
    """Sealed, and then about somebody else."""
    head, body, seal = honest(claims).split(".")
    lie = json.loads(urlsafe_b64decode(body + "==")) | {"nip": "199001012015011002"}
    return ".".join((head, urlsafe_b64encode(json.dumps(lie).encode()).rstrip(b"=").decode(), seal))


def by_hand(header: dict[str, str], claims: dict[str, Any], secret: bytes) -> str:
    """Sealed with HMAC under a key that everybody can read: a library refuses to make this."""
    head, body = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims))
    seal = hmac.digest(secret, head + b"." + body, "sha256")
    return b".".join((head, body, urlsafe_b64encode(seal).rstrip(b"="))).decode()


#: How a token is sealed when it is not as it should be.
SEALS: dict[str, Callable[[dict[str, Any]], str]] = {
    "none": lambda claims: jwt.encode({"alg": "none"}, claims, None, ["none"]),
    "public-key-as-secret": lambda claims: by_hand(
        {"alg": "HS256", "kid": "satu"}, claims, WORLD.keys["satu"].as_pem(private=False)
    ),
    "client-secret-as-key": lambda claims: by_hand({"alg": "HS256"}, claims, CLIENT_SECRET.encode()),
    "stolen-name-of-a-key": by_a_thief,
    "new-key": by_a_new_key,
    "changed": changed,
    "no-token-at-all": lambda _claims: "bukan.token",
}
WORLD, CLIENT = World(), Client()


class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012

    def save_authorization_code(self, code: str, asked: Any) -> None:
        WORLD.codes[code] = Code(code, asked.user, asked.payload.data)

    def query_authorization_code(self, code: str, _client: Client) -> Code | None:
        return WORLD.codes.get(code)

    def delete_authorization_code(self, code: Code) -> None:
        del WORLD.codes[code.code]

    def authenticate_user(self, code: Code) -> str:
        return code.nip


class Identity(OpenIDCode):  # type: ignore[misc]
    def exists_nonce(self, _nonce: str, _request: Any) -> bool:
        return False

    def encode_id_token(self, _token: Any, asked: Any) -> str:
        now = int(time.time())
        claims = {"iss": WORLD.issuer, "aud": CLIENT_ID, "sub": f"orang-{asked.user}", "iat": now, "exp": now + 300}
        return WORLD.signed({**claims, "nonce": asked.authorization_code.get_nonce(), "nip": asked.user})


def _forget(_token: Any, _request: Any) -> None:
    """Nobody asks for access tokens here."""


def _hang(how: str) -> None:
    if how == WORLD.how:
        WORLD.gate.wait(60)


APP = Flask("provider")
SERVER = AuthorizationServer(APP, query_client=lambda name: CLIENT if name == CLIENT_ID else None, save_token=_forget)
SERVER.register_grant(Grant, [CodeChallenge(required=True), Identity(require_nonce=True)])
FORM = """<!DOCTYPE html><html lang="id"><title>SSO Pemkab</title><h1>SSO Pemkab</h1>
<form method="post"><label>NIP <input name="nip"></label> <button>Lanjut</button></form>"""


@APP.get("/.well-known/openid-configuration")
def discovery() -> Response:
    _hang("slow-discovery")
    lies = {
        "other-discovery": {"issuer": "https://sso.jahat.example"},
        "open-address": {"token_endpoint": "http://sso.jahat.example/token"},
        "no-keys-address": {"jwks_uri": None},
        "no-end": {"end_session_endpoint": None},
    }
    if WORLD.how == "no-json":
        return Response("<h1>Sedang dirawat</h1>", mimetype="text/html")
    places = {"authorization": "masuk", "token": "token", "end_session": "keluar"}
    addresses = {f"{name}_endpoint": f"{WORLD.issuer}/{path}" for name, path in places.items()}
    told = {"issuer": WORLD.issuer, "jwks_uri": f"{WORLD.issuer}/keys", **addresses, **lies.get(WORLD.how, {})}
    return jsonify({name: value for name, value in told.items() if value is not None})


@APP.get("/keys")
def keys() -> Response:
    return jsonify({"keys": "rusak"} if WORLD.how == "broken-keys" else WORLD.published())


@APP.route("/masuk", methods=["GET", "POST"])
def sign_in() -> Any:
    grant = SERVER.get_consent_grant(end_user=None)
    if WORLD.how == "denied":
        return redirect(f"{CLIENT.get_default_redirect_uri()}?error=access_denied&state={request.args['state']}")
    nip = request.form.get("nip") or request.cookies.get("orang")
    if not nip:
        return FORM
    answer = make_response(SERVER.create_authorization_response(request, grant_user=nip, grant=grant))
    answer.set_cookie("orang", nip)
    return answer


@APP.post("/token")
def token() -> Any:
    _hang("slow")
    if WORLD.how == "broken":
        abort(500)
    if WORLD.how == "elsewhere":
        return redirect("https://sso.jahat.example/token", 307)
    return SERVER.create_token_response()


@APP.get("/keluar")
def sign_out() -> Response:
    target = request.args["post_logout_redirect_uri"]
    assert request.args["client_id"] == CLIENT_ID
    assert target in {uri.split("/masuk")[0] + "/masuk" for uri in CLIENT.redirect_uris}
    answer = make_response(redirect(target))
    answer.delete_cookie("orang")
    return answer


@APP.post("/aturan")
def rules() -> str:
    told = request.get_json()
    WORLD.how, CLIENT.redirect_uris = told["how"], told["redirect_uris"]
    (WORLD.gate.clear if WORLD.how.startswith("slow") else WORLD.gate.set)()
    return ""


class Provider:
    """The process, as a test sees it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.oidc_provider"],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.issuer = self._process.stdout.readline().strip()
        assert self.issuer, "the provider does not start"
        self.portal_url = "http://localhost"

    def settings(self, portal_url: str = "http://localhost", **more: str) -> dict[str, Any]:
        self.portal_url = portal_url
        self.be("honest")
        given = {
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
            "oidc_name": NAME,
        }
        return {"portal_url": portal_url, **given, **more}

    def be(self, how: str) -> None:
        uris = [f"{self.portal_url}/masuk/penyedia/kembali"]
        requests.post(f"{self.issuer}/aturan", json={"how": how, "redirect_uris": uris}, timeout=60).raise_for_status()

    def sign_in(self, address: str, nip: str) -> str:
        """Somebody types their NIP on the provider's page; the path that they are sent back to."""
        answer = requests.post(address, data={"nip": nip}, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def serving() -> Iterator[Provider]:
    provider = Provider()
    try:
        yield provider
    finally:
        provider.stop()


def asked_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


if __name__ == "__main__":
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # on 127.0.0.1 only
    listening = make_server("127.0.0.1", 0, APP, threaded=True)
    WORLD.issuer = f"http://127.0.0.1:{listening.port}"
    print(WORLD.issuer, flush=True)
    listening.serve_forever()
