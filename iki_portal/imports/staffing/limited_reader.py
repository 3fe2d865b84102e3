"""The process that reads one uploaded workbook: bytes in, JSON out. It has limits, and neither the database nor a key.

Started as `python -m iki_portal.imports.staffing.limited_reader`.
"""

import gc
import sys

from iki_portal.imports.limits import limit_this_process

CPU_SECONDS = 60
MEMORY = 1536 * 2**20
#: Exit code of a file that is no such workbook; the sentence is on stdout.
REFUSES = 3


def answer_to(content: bytes) -> tuple[int, str]:
    """The exit code, and what is said: the rows as JSON, or why there are none."""
    # here and not above: the limits must stand before the parsers are loaded
    from iki_portal.domain.errors import Invalid  # noqa: PLC0415
    from iki_portal.imports.staffing.reading import read_staffing  # noqa: PLC0415
    from iki_portal.imports.staffing.rows import to_json  # noqa: PLC0415

    try:
        return 0, to_json(read_staffing(content))
    except Invalid as refusal:
        return REFUSES, str(refusal)


def main() -> None:
    limit_this_process(CPU_SECONDS, MEMORY)
    gc.disable()  # all that is made here is needed to the end, and looking through it takes a third of the time
    code, said = answer_to(sys.stdin.buffer.read())
    sys.stdout.buffer.write(said.encode())
    sys.stdout.buffer.flush()
    sys.exit(code)


if __name__ == "__main__":
    main()
