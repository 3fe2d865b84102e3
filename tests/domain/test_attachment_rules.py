"""Links that are evidence, and addresses that are none."""

import pytest

from iki_portal.domain.attachments import checked_link
from iki_portal.domain.errors import Invalid


@pytest.mark.parametrize("link", ["https://drive.lumajangkab.go.id/laporan?x=1", " http://10.0.0.7:8080/berkas.pdf "])
def test_an_address_is_kept(link: str) -> None:
    assert checked_link(link) == link.strip()


@pytest.mark.parametrize(
    "link",
    [
        *(
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://10.0.0.7/x",
            "file:///etc/passwd",
            "//lumajang/x",
            "laporan",
            "http://",
        ),
        *("https://a b/c", "https://a/\n", "http://[::1", "https://host:port/x", "https://a/\u202ex"),
    ],
)
def test_what_is_no_address_is_refused(link: str) -> None:
    with pytest.raises(Invalid, match="bukan alamat"):
        checked_link(link + "x" if link.endswith("\n") else link)


def test_a_password_or_an_endless_address_is_refused() -> None:
    with pytest.raises(Invalid, match="sandi"):
        checked_link("https://rina:rahasia@host/x")
    with pytest.raises(Invalid, match="1000 huruf"):
        checked_link("https://host/" + "x" * 1000)
