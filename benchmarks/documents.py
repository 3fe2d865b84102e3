"""`make bench-documents`: CPU of a sheet's PDF against WeasyPrint in the same run, of the first one, of the book.

WeasyPrint lives in an environment of its own (`.venv-weasyprint`, made on the first run; it needs Debian's pango). The sheet is
the longest of the office's document. Exit code 1 when a bar is missed.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import fontpkg_arimo

from iki_portal.documents.book import book_pdf
from iki_portal.documents.decree import Decree
from iki_portal.documents.paper import Paper
from iki_portal.documents.pdf import sheet_facts, sheet_pdf
from iki_portal.documents.printed import PrintedSheet
from tests import prints

ROOT = Path(__file__).parents[1]
OTHER = ROOT / ".venv-weasyprint"
WEASYPRINT = "weasyprint==70.0"
ROUNDS = 7
ONE_MS, SHARE, FIRST_S = 120, 1 / 8, 1.0
BOOK_S, LARGE_BOOK_S, LARGE_BOOK_MB = 3, 90, 400
LARGE = 1000


def main() -> int:
    if sys.argv[1:]:
        return alone(sys.argv[1])
    missed = one_sheet() + at_once()
    for name, bars in {"first": (FIRST_S, None), "book": (BOOK_S, None), "large": (LARGE_BOOK_S, LARGE_BOOK_MB)}.items():
        missed += in_a_fresh_process(name, *bars)
    print("missed: " + ", ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


def one_sheet() -> list[str]:
    longest = max(prints.papers_of_the_office(), key=lambda each: len(json.dumps(sheet_facts(prints.approved(each)))))
    ours, theirs = [], []
    with weasyprint() as other:
        theirs_of(other, json.dumps(sheet_facts(fresh(longest, "0"))))
        sheet_pdf(fresh(longest, "0"), printed_on=prints.DAY)
        for number in range(1, ROUNDS + 1):
            sheets = [fresh(longest, f"{number}.{place}") for place in range(5)]
            started = time.process_time()
            for sheet in sheets:
                sheet_pdf(sheet, printed_on=prints.DAY)
            ours.append((time.process_time() - started) / len(sheets) * 1000)
            theirs.append(theirs_of(other, json.dumps(sheet_facts(sheets[0]))))
    one, other_one = statistics.median(ours), statistics.median(theirs)
    print(
        f"one sheet, warm: {one:.0f} ms of CPU (bar {ONE_MS}); WeasyPrint {other_one:.0f} ms; 1/{other_one / one:.0f} (bar 1/8)"
    )
    return ["one sheet"] if one > ONE_MS or one > other_one * SHARE else []


def fresh(paper: Paper, mark: str) -> PrintedSheet:
    """The same sheet with other words in every cell and duty: typst remembers what it has set before."""
    statements = tuple(
        replace(
            row,
            text=f"{row.text} {mark}",
            indicators=tuple(
                replace(each, text=f"{each.text} {mark}", formula=f"{each.formula} {mark}") for each in row.indicators
            ),
        )
        for row in paper.statements
    )
    duties = tuple(f"{each} {mark}" for each in paper.duties)
    functions = tuple(f"{each} {mark}" for each in paper.functions)
    return prints.approved(replace(paper, statements=statements, duties=duties, functions=functions))


def weasyprint() -> subprocess.Popen[str]:
    """A process that sets one sheet for each line it is sent, and answers with milliseconds of CPU."""
    python = OTHER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(OTHER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", WEASYPRINT], check=True)
    script = str(Path(__file__).with_name("weasyprint_sheet.py"))
    font = str(Path(fontpkg_arimo.__file__).parent / "files" / "Arimo[wght].ttf")
    return subprocess.Popen([str(python), script, font], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def theirs_of(other: subprocess.Popen[str], facts: str) -> float:
    if other.stdin is None or other.stdout is None:
        raise RuntimeError("WeasyPrint has no pipes")
    other.stdin.write(facts + "\n")
    other.stdin.flush()
    answer = other.stdout.readline()
    if not answer:
        raise RuntimeError("WeasyPrint did not answer; on Debian it needs libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0")
    return float(answer)


def at_once() -> list[str]:
    """Four requests on two worker threads."""
    sheet, failed = prints.approved(prints.papers_of_the_office()[3]), []

    def work() -> None:
        try:
            for _ in range(2):
                sheet_pdf(sheet, printed_on=prints.DAY)
        except Exception as error:  # whatever it is, it is a failure
            failed.append(repr(error))

    for _ in range(50):
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(f"two threads at once, 200 sheets: {len(failed)} failed")
    return ["at once"] if failed else []


def in_a_fresh_process(name: str, seconds: float, megabytes: int | None) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.documents", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ)
    spent, peak = (float(each) for each in done.stdout.split())
    memory = f", {peak:.0f} MB" + (f" (bar {megabytes})" if megabytes else "")
    print(f"{WORDS[name]}: {spent:.2f} s of CPU (bar {seconds:g}){memory}")
    return [name] if spent > seconds or (megabytes and peak > megabytes) else []


WORDS = {"first": "first sheet of a fresh process", "book": "book of 20 sheets", "large": f"book of {LARGE} sheets"}


def alone(name: str) -> int:
    sheets = [prints.approved(each) for each in prints.papers_of_the_office()]
    started = time.process_time()
    if name == "first":
        sheet_pdf(sheets[1], printed_on=prints.DAY)
    else:
        many = sheets if name == "book" else sheets * (LARGE // len(sheets))
        book_pdf(Decree(2027, office=prints.OFFICE), many, composed_on=prints.DAY)
    print(time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return 0


if __name__ == "__main__":
    sys.exit(main())
