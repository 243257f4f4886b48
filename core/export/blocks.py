"""A document as blocks, and the same blocks as Markdown or as one HTML file; every text is escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from core.formatting import markdown_text

NOT_FILLED_IN = "not filled in"


@dataclass(frozen=True)
class Heading:
    """A section's title; level 1 is the document's."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Text of our own; blank lines part paragraphs."""

    text: str


@dataclass(frozen=True)
class Written:
    """Text that the visitor typed; empty where a required field was left empty."""

    text: str
    required: bool = True


@dataclass(frozen=True)
class Table:
    """A head and rows of texts."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """An SVG made here, with its words; a Markdown file has the words alone."""

    svg: str
    words: str


@dataclass(frozen=True)
class Link:
    """The address that opens the design again; only one of http or https can be followed."""

    address: str


Block: TypeAlias = Heading | Link | Paragraph | Written | Table | Picture


def as_markdown(blocks: Iterable[Block]) -> str:
    """The document as Markdown; signs that Markdown or HTML would read are escaped."""
    return "\n\n".join(text for text in map(_markdown, blocks) if text) + "\n"


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {markdown_text(block.text)}"
    if isinstance(block, Table):
        rule = ["---"] * len(block.head)
        return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in (block.head, rule, *block.rows))
    if isinstance(block, Picture):
        return f"*{markdown_text(block.words)}*"
    if isinstance(block, Link):
        return f"`{block.address.replace('`', '')}`"
    if isinstance(block, Written) and not block.text.strip():
        return f"**[ {NOT_FILLED_IN} ]**" if block.required else ""
    text = block.text.strip().splitlines()
    return "\n".join(f"> {markdown_text(line)}" if isinstance(block, Written) else markdown_text(line) for line in text)


def _cell(text: str) -> str:
    return "---" if text == "---" else markdown_text(" ".join(text.split()))


def as_html(title: str, blocks: Iterable[Block]) -> str:
    """One HTML file that needs nothing else: no script, no network, fit for the screen and for paper."""
    body = "".join(map(_html, blocks))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>\n"
    if isinstance(block, Table):
        head = "".join(f'<th scope="col">{escape(text)}</th>' for text in block.head)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>\n" for row in block.rows)
        return f"<div><table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    if isinstance(block, Picture):
        return f"<figure>{block.svg}<figcaption>{escape(block.words)}</figcaption></figure>\n"
    if isinstance(block, Link):
        text = escape(block.address)
        followed = block.address.startswith(("https://", "http://"))
        return f'<p class="link"><a href="{text}">{text}</a></p>\n' if followed else f'<p class="link">{text}</p>\n'
    if isinstance(block, Written) and not block.text.strip():
        return f'<p class="missing">{NOT_FILLED_IN}</p>\n' if block.required else ""
    kind = ' class="written"' if isinstance(block, Written) else ""
    parts = [escape(part.strip()).replace("\n", "<br>") for part in re.split(r"\n\s*\n", block.text.strip())]
    return "".join(f"<p{kind}>{part}</p>\n" for part in parts)


STYLE = """
:root{color-scheme:light dark;--ink:light-dark(#182026,#E4EAEC);--quiet:light-dark(#5A6870,#9BA9B0);
--line:light-dark(#D5DCDF,#2E3A40);--paper:light-dark(#FCFDFD,#11171B);--bad:light-dark(#A83E0E,#F58A5C)}
body{background:var(--paper);color:var(--ink);font:16px/1.5 "IBM Plex Sans","Helvetica Neue",Arial,sans-serif;margin:0}
main{max-width:46rem;margin:0 auto;padding:2rem 1rem}
h1,h2,h3{line-height:1.2;font-family:"Source Serif 4",Georgia,serif}
h2{margin-top:2rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
div{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:600}td{overflow-wrap:anywhere}
td:first-child{min-width:8rem}.link{overflow-wrap:anywhere;font-size:.875rem}a{color:inherit}
figure{margin:1rem 0}figcaption{color:var(--quiet);font-size:.8125rem}svg{max-width:100%;height:auto}
.written{border-left:3px solid var(--line);padding-left:.75rem;overflow-wrap:anywhere}
.missing{border:2px dashed var(--bad);color:var(--bad);font-weight:600;padding:.4rem .6rem}
@media print{@page{margin:18mm}:root{color-scheme:light}body{font-size:10.5pt}main{max-width:none;padding:0}
h1,h2,h3{break-after:avoid}tr,figure{break-inside:avoid}thead{display:table-header-group}div{overflow:visible}}
"""
