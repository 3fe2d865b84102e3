"""A web worker keeps what it has loaded until it ends: what only commands and composers need stays out of it."""

import subprocess
import sys

from iki_portal.databases import revisions
from tests.house.test_migrations import REVISIONS

#: Package → who needs it.
ELSEWHERE = {
    "alembic": "iki database upgrade",
    "docx": "the composer, the reader of uploads, and whoever asks for a DOCX",
    "pypdf": "the composer",
    "boto3": "evidence in S3",
}


def test_a_web_worker_loads_nothing_that_only_others_need() -> None:
    asked = f"import sys, iki_portal.app; print(*({set(ELSEWHERE)} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == []


def test_the_revisions_are_those_of_alembic() -> None:
    assert revisions.known() == REVISIONS
    assert revisions.newest() == REVISIONS[-1]
