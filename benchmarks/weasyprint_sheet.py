"""Runs in WeasyPrint's own environment: each line of input is a sheet's facts, each line of output its CPU milliseconds."""

import json
import sys
import time
from html import escape
from typing import Any

from weasyprint import HTML

STYLE = """
@page { size: A4; margin: 16mm 18mm 18mm; @bottom-right { content: "Halaman " counter(page) " dari " counter(pages) } }
body { font: 10pt Arimo, Arial, sans-serif }
table { width: 100%; border-collapse: collapse; font-size: 9pt }
td, th { border: .6pt solid; padding: 3pt; vertical-align: top }
tr { break-inside: avoid }
h1 { font-size: 11.5pt; text-align: center }
"""


def page(sheet: dict[str, Any]) -> str:
    rows = []
    for statement in sheet["statements"]:
        span = max(len(statement["indicators"]), 1)
        first = f"<td rowspan={span}>{statement['number']}</td><td rowspan={span}>{escape(statement['text'])}</td>"
        for place, each in enumerate(statement["indicators"]):
            cells = "".join(f"<td>{escape(each[name])}</td>" for name in ("text", "formula", "source", "unit", "target"))
            rows.append(f"<tr>{first if place == 0 else ''}{cells}</tr>")
    heads = "".join(f"<th>{name}" for name in ("NO", "KINERJA", "INDIKATOR", "FORMULASI", "SUMBER DATA", "SATUAN", "TARGET"))
    duties = "".join(f"<li>{escape(each)}" for each in (*sheet["duties"], *sheet["functions"]))
    heading = "<br>".join(map(escape, sheet["heading_lines"]))
    return (
        f"<style>{STYLE}</style><h1>{heading}</h1><p>{escape(sheet['position'])}<p>{escape(sheet['main_duty'])}"
        f"<ol type=a>{duties}</ol><table><thead><tr>{heads}</thead>{''.join(rows)}</table>"
    )


for line in sys.stdin:
    facts = json.loads(line)
    started = time.process_time()
    HTML(string=page(facts)).write_pdf()
    print((time.process_time() - started) * 1000, flush=True)
