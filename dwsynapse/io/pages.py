"""Pages of tables for the report, in one style."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

# The report opens with the summary inside its own page (workflow/captions/workflow.rst), so that
# every rule has the class page. The last three are for the report only: the page takes the
# whole width, from the top, and the graph of rules goes below it.
STYLE = """
.page { font: 15px/1.5 sans-serif; margin: 1em; color: #222; max-width: 75em; }
.page h1 { font-size: 1.5em; font-weight: bold; margin: 0; }
.page h2 { font-size: 1.2em; font-weight: bold; margin: 1.2em 0 0.3em; }
.page p { margin: 0.4em 0; }
.page table { border-collapse: collapse; margin: 0.5em 0 1.5em; width: auto; font-size: 14px; }
.page th, .page td { padding: 0.2em 0.8em; text-align: left; vertical-align: top; }
.page td { border-bottom: 1px solid #ddd; }
.page th { border-bottom: 2px solid #888; font-weight: bold; }
.page td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.page .badge { border-radius: 0.3em; padding: 0.1em 0.5em; white-space: nowrap; }
.page .good { background: #dff0e4; color: #0b5a3c; }
.page .bad { background: #f8dcd8; color: #8c2318; font-weight: bold; }
.page .neutral { background: #e8eaf0; color: #333; }
.page .synthetic { background: #fdf3d8; padding: 0.1em 0.4em; }
.prose:has(.page) { max-width: none; }
.flex:has(> div > .prose .page) { flex-direction: column; }
.h-screen:has(.prose .page) { align-items: flex-start; }
"""
SYNTHETIC = " <span class='synthetic'>synthetic</span>"
VERDICTS = {
    "consistent": "good",
    "equivalent within the tolerance": "good",
    "inconsistent": "bad",
    "not enough data": "neutral",
}
"""Kind of the badge of each verdict on a log; others are neutral."""


def page(title: str, parts: Iterable[str]) -> str:
    """Return a self-contained page of HTML parts under their title."""
    head = "<meta charset='utf-8'><meta name='generator' content='dwsynapse'>"
    head += f"<title>{escape(title)}</title><style>{STYLE}</style>"
    body = f"<div class='page'><h1>{escape(title)}</h1>{''.join(parts)}</div>"
    return f"<!doctype html><html lang='en'>{head}<body>{body}</body></html>\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells (`text_cell`, `number_cell`) below its header."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def text_cell(words: str) -> str:
    """Return a cell of words."""
    return f"<td>{escape(words)}</td>"


def number_cell(words: str) -> str:
    """Return a cell whose numbers stand below those of other rows."""
    return f"<td class='number'>{escape(words)}</td>"


def notes(words: Iterable[str]) -> list[str]:
    """Return notes of a verification, a paragraph each."""
    return [f"<p>Note: {escape(note)}.</p>" for note in words]


def badge(kind: str, words: str) -> str:
    """Return words on a coloured ground: good, bad or neutral."""
    return f"<span class='badge {kind}'>{escape(words)}</span>"


def log_badge(log: Mapping[str, Any]) -> str:
    """Return the verdict on a log, whether it is synthetic, and why if it is not consistent."""
    return (
        badge(VERDICTS.get(log["verdict"], "neutral"), log["verdict"])
        + SYNTHETIC * log["synthetic"]
        + f"<br>{escape(log['why'])}" * (log["verdict"] != "consistent")
    )
