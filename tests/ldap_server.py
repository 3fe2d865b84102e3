"""A real directory: Debian's slapd as a throw-away of the test, unprivileged, with its own people and certificate."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.portals import free_port, wait_until
from tests.mail_server import vouched

#: Who the server runs as where the tests run as root.
SERVER_USER = "nobody"
BASE = "dc=lumajang,dc=go,dc=id"
READER_DN, READER_PASSWORD = f"cn=pembaca,{BASE}", "sandi-pembaca"
PASSWORD = "sandi-direktori-siti"

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
{tls}
# as careless as a server can be: binds without a password are a success
allow bind_anon_dn bind_anon_cred
database mdb
maxsize 10485760
suffix "{base}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""


class LdapServer:
    def __init__(self, folder: Path, *, has_tls: bool) -> None:
        self.folder, self.plain_port, self.tls_port = folder, free_port(), free_port()
        (folder / "data").mkdir()
        _, self.certificate = vouched(folder)
        tls = f"TLSCertificateFile {self.certificate}\nTLSCertificateKeyFile {self.certificate}" if has_tls else ""
        config = CONFIG.format(folder=folder, tls=tls, base=BASE, reader=READER_DN)
        (folder / "slapd.conf").write_text(config)
        (folder / "people.ldif").write_text("\n".join(people()))
        if os.getuid() == 0:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, SERVER_USER)
        self._run("slapadd", "-f", f"{folder}/slapd.conf", "-l", f"{folder}/people.ldif")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def _command(self, program: str, *arguments: str) -> list[str]:
        command = [f"/usr/sbin/{program}", *arguments]
        if os.getuid() == 0:
            return ["setpriv", "--reuid", SERVER_USER, "--regid", "nogroup", "--clear-groups", *command]
        return command

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(self._command(program, *arguments), capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        addresses = f"ldap://127.0.0.1:{self.plain_port} ldaps://127.0.0.1:{self.tls_port}"
        command = self._command("slapd", "-f", f"{self.folder}/slapd.conf", "-h", addresses, "-d", "0")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: listens(self.plain_port) and listens(self.tls_port), "slapd does not start")

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def settings(self, *, by: str = "ldaps", host: str = "127.0.0.1", **more: str) -> dict[str, Any]:
        port = self.tls_port if by == "ldaps" else self.plain_port
        found = {"ldap_url": f"{by}://{host}:{port}", "ldap_name": "SSO Pemkab"}
        reader = {"ldap_search_base": BASE, "ldap_reader_dn": READER_DN, "ldap_reader_password": READER_PASSWORD}
        return {**found, **({} if "ldap_user_dn" in more else reader), **more}


def people() -> Iterator[str]:
    """Of the office: the owner of the sheet (known by name and by NIP), twins, and who has a name of hostile signs."""
    yield f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Lumajang\ndc: lumajang\n"
    yield f"dn: {READER_DN}\nobjectClass: person\ncn: pembaca\nsn: pembaca\nuserPassword: {READER_PASSWORD}\n"
    for uid, nip in (
        ("analis.pengadaan", "198501012010011001"),
        ("kembar", "2"),
        ("kembar2", "2"),
        ("a,b+c", "3"),
        ("operator", "4"),
    ):
        name = uid.replace(",", r"\,").replace("+", r"\+")
        yield (
            f"dn: uid={name},{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: {uid}\n"
            f"employeeNumber: {nip}\nuserPassword: {PASSWORD}\n"
        )


def listens(port: int) -> bool:
    with socket.socket() as talk:
        return talk.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving(*, has_tls: bool = True) -> Iterator[LdapServer]:
    """A server that answers; without TLS it only refuses to speak it."""
    if not Path("/usr/sbin/slapd").exists():
        reason = "no slapd: apt-get install slapd"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    base = Path(tempfile.mkdtemp(prefix="iki-ldap-"))
    base.chmod(0o711)
    folder = base / "slapd"
    folder.mkdir(mode=0o755)
    server = LdapServer(folder, has_tls=has_tls)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(base)
