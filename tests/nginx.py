"""deploy/nginx.conf as this machine can run it: the shipped file itself, with other ports, certificate and servers."""

import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from iki_portal.paths import PROJECT

SITE = PROJECT / "deploy/nginx.conf"
HOST = "iki.example.go.id"
#: The line of the shipped file that stands once for each server of the portal.
_SERVER = re.compile(r"( +server )127\.0\.0\.1:5000( [^;]+;\n)")


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"no {name} here")
    return found


def certificate(folder: Path) -> None:
    """A certificate that nobody trusts, for nginx to load."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(built.sign(key, hashes.SHA256()).public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, *plain))


def configured(
    folder: Path, *, plain_port: int, tls_port: int, servers: Sequence[str] = ("127.0.0.1:5000",), more: str = ""
) -> Path:
    """A whole configuration in `folder` around the shipped file; `more` stands at its top."""
    certificate(folder)
    site = SITE.read_text().replace(f"/etc/letsencrypt/live/{HOST}", str(folder))
    site, lines = _SERVER.subn(lambda line: "".join(f"{line[1]}{each}{line[2]}" for each in servers), site)
    assert lines == 1, "deploy/nginx.conf names its server otherwise than this test knows"
    ports = {"80": plain_port, "443": tls_port}
    site = re.sub(r"listen (\[::\]:)?(80|443)\b", lambda found: f"listen {found[1] or ''}{ports[found[2]]}", site)
    places = "".join(f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = folder / "nginx.conf"
    path.write_text(f"pid {folder}/pid; error_log stderr; {more} events {{}} http {{ access_log off; {places} {site} }}")
    return path
