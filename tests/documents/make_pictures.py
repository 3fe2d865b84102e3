"""`make pictures`: draw the guarded pictures anew. Look at them before they are committed."""

from pathlib import Path

import pypdfium2

from iki_portal.documents.pdf import sheet_pdf
from tests import prints

PICTURES = Path(__file__).parent / "pictures"


def main() -> None:
    for old in PICTURES.glob("*.png"):
        old.unlink()
    for place in (0, 9):
        pdf = sheet_pdf(prints.approved(prints.papers_of_the_office()[place]), printed_on=prints.DAY)
        for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
            page.render(scale=1).to_pil().convert("L").save(PICTURES / f"sheet-{place}-{number}.png", optimize=True)


if __name__ == "__main__":
    main()
