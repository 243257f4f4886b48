"""Every file of a design by name, and all of them in one archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import partial

from core.export import document, figures, script, tables
from core.export.subject import Subject

TYPES = {
    "html": "text/html",
    "md": "text/markdown",
    "json": "application/json",
    "py": "text/x-python",
    "csv": "text/csv",
    "svg": "image/svg+xml",
    "zip": "application/zip",
}


def files(subject: Subject, typed: Mapping[str, str]) -> dict[str, Callable[[], str]]:
    """{file name: what makes its text}; nothing is made before it is asked for."""
    stem = subject.file_name
    made: dict[str, Callable[[], str]] = {
        f"{stem}.html": lambda: document.html(subject, typed),
        f"{stem}.md": lambda: document.markdown(subject, typed),
        f"{stem}.py": lambda: script.script(subject),
        f"{stem}.json": lambda: tables.as_json(subject),
    }
    for name in tables.NAMES:
        made[f"{stem}-{name}.csv"] = partial(_csv, subject, name)
    made[f"{stem}-drawing.svg"] = lambda: figures.drawing(subject)
    for name in figures.AGAINST:
        made[f"{stem}-chart-{name}.svg"] = partial(_chart, subject, name)
    return made


def _csv(subject: Subject, name: str) -> str:
    return tables.as_csv(tables.tables(subject)[name])


def _chart(subject: Subject, name: str) -> str:
    return figures.charts(subject)[name]


def archive(made: Mapping[str, Callable[[], str]]) -> bytes:
    """All files in one zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, make in made.items():
            packed.writestr(name, make())
    return out.getvalue()
