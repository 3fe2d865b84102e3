"""The process that reads one uploaded file: bytes in, JSON out. It has limits, and neither the database nor a key.

Started as `python -m iki_portal.indicators.limited_reader`; a hostile file can end this process, and nothing else.
"""

import sys

from iki_portal.imports import limits

CPU_SECONDS = 60
MEMORY = 1536 * 2**20
#: What a page can show, and a row can hold.
LONGEST_ANSWER = 16 * 2**20
MOST_SHEETS = 100
#: Exit code of a file that is no such document; the sentence is on stdout.
REFUSES = 3


def limit_this_process() -> None:
    limits.limit_this_process(CPU_SECONDS, MEMORY)


def answer_to(content: bytes) -> tuple[int, str]:
    """The exit code, and what is said: the document as JSON, or why it is none."""
    # here and not above: the limits must stand before the parsers are loaded
    from iki_portal.imports.document import UnreadableDocument, read_document  # noqa: PLC0415
    from iki_portal.indicators.understood import to_json, understood_of  # noqa: PLC0415

    try:
        read = read_document(content)
    except UnreadableDocument as refusal:
        return REFUSES, str(refusal)
    if len(read.sheets) > MOST_SHEETS:
        return REFUSES, f"Satu berkas memuat paling banyak {MOST_SHEETS} lembar; bagilah berkas ini."
    text = to_json(understood_of(read))
    if len(text) > LONGEST_ANSWER:
        return REFUSES, "Isi berkas ini terlalu panjang untuk ditinjau; bagilah menjadi beberapa berkas."
    return 0, text


def main() -> None:
    limit_this_process()
    code, said = answer_to(sys.stdin.buffer.read())
    sys.stdout.buffer.write(said.encode())
    sys.stdout.buffer.flush()
    sys.exit(code)


if __name__ == "__main__":
    main()
