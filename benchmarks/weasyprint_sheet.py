"""Runs in WeasyPrint's own environment: each line of input is a sheet's facts, each line of output its CPU milliseconds.

The same sheet: letterhead, fields, lists, the seven columns and their numbers, signatures, the box with the QR code, the
footer; set in the same font (its file is the argument), tagged, to an archive standard.
"""

import json
import sys
import time
from html import escape
from typing import Any

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

STYLE = """
@font-face { font-family: Arimo; src: url(file://FONT); font-weight: 400 700 }
@page { size: A4; margin: 16mm 18mm 18mm;
  @bottom-left { content: "Register"; font: 8pt Arimo }
  @bottom-right { content: "Halaman " counter(page) " dari " counter(pages); font: 8pt Arimo } }
body { font: 10pt Arimo; line-height: 1.25 }
table { width: 100%; border-collapse: collapse; font-size: 9pt; hyphens: auto }
td, th { border: .6pt solid; padding: 3pt; vertical-align: top }
tr { break-inside: avoid }
h1, .head { text-align: center; font-size: 11.5pt; font-weight: 700 }
.head { border-bottom: 2pt solid }
.signatures { display: flex; break-inside: avoid; text-align: center }
.signatures div { flex: 1 }
.proof { display: flex; border: .5pt solid; break-inside: avoid; font-size: 8pt }
.proof svg { width: 22mm; height: 22mm }
"""
FONTS = FontConfiguration()


def page(sheet: dict[str, Any]) -> str:
    numbers = "".join(f"<th>({number})" for number in range(1, 8))
    heads = "".join(f"<th>{name}" for name in ("NO", "KINERJA", "INDIKATOR", "FORMULASI", "SUMBER DATA", "SATUAN", "TARGET"))
    duties = "".join(f"<li>{escape(each)}" for each in (*sheet["duties"], *sheet["functions"]))
    heading = "<br>".join(map(escape, sheet["heading_lines"]))
    signers = "".join(
        f"<div>{escape(each['title'])}<br><br><br><br><u><b>{escape(each['name'])}</b></u><br>{escape(each['rank'])}<br>"
        f"{escape(each['identifier'])}</div>"
        for each in (sheet["proposed"], sheet["approved"])
    )
    lines = "<br>".join(map(escape, sheet["proof"]["lines"]))
    style = STYLE.replace("FONT", sys.argv[1])
    return (
        f"<html lang=id><title>IKI</title><style>{style}</style><div class=head>PEMERINTAH KABUPATEN LUMAJANG<br>BADAN</div>"
        f"<h1>{heading}</h1><p>Unit Kerja: {escape(sheet['position'])}<p>Tugas Pokok: {escape(sheet['main_duty'])}"
        f"<ol type=a>{duties}</ol><table><thead><tr>{heads}<tr>{numbers}</thead>"
        f"{''.join(map(rows, sheet['statements']))}</table>"
        f"<div class=signatures>{signers}</div><div class=proof>{sheet['proof']['qr']}<p>{lines}</div>"
    )


def rows(statement: dict[str, Any]) -> str:
    span = max(len(statement["indicators"]), 1)
    first = f"<td rowspan={span}>{statement['number']}</td><td rowspan={span}>{escape(statement['text'])}</td>"
    made = ""
    for place, each in enumerate(statement["indicators"]):
        cells = "".join(f"<td>{escape(each[name])}</td>" for name in ("text", "formula", "source", "unit", "target"))
        made += f"<tr>{first if place == 0 else ''}{cells}</tr>"
    return made


for line in sys.stdin:
    facts = json.loads(line)
    started = time.process_time()
    HTML(string=page(facts)).write_pdf(font_config=FONTS, pdf_variant="pdf/a-2a", pdf_tags=True)
    print((time.process_time() - started) * 1000, flush=True)
