"""Export: the design as a document, tables, figures, a script and a link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from core.analysis.tradeoff_table import roles, tradeoff_rows
from core.contract.case import Case
from core.export.bundle import TYPES, archive, files
from core.export.document import FIELDS, MOST_TYPED, Field
from core.export.figures import drawing
from core.export.subject import Subject
from core.serving.offers import offers
from core.ui import png, reasons, state
from core.ui.case import comparison_bar
from core.ui.page_run import PageRun

KINDS = {"html": "Document, HTML", "md": "Document, Markdown", "py": "Python script", "json": "All figures, JSON"}
FORMATS = ("PNG", "SVG")


def section(run: PageRun) -> None:
    """What only the visitor can say, and the files, which are built when they are downloaded."""
    st.markdown(
        "What only you can say. It goes into the design document and nowhere else, "
        "with the reasons that you wrote in the interview walkthrough."
    )
    typed = _fields(run.case)
    missing = [field.label for field in FIELDS if field.required and not typed[field.key].strip()]
    if missing:
        st.caption(f":material/edit_note: Marked “not filled in” in the document: {', '.join(missing)}.")
    _downloads(run.case, _subject(run), typed)


def _fields(case: Case) -> dict[str, str]:
    typed = {}
    for start in range(0, len(FIELDS), 2):  # row by row, so that phones keep the order
        for field, column in zip(FIELDS[start : start + 2], st.columns(2, gap="medium"), strict=False):
            typed[field.key] = _field(case, field, column)
    return typed


def _field(case: Case, field: Field, column: st.delta_generator.DeltaGenerator) -> str:
    key, kept = state.key(case, f"typed.{field.key}"), state.key(case, f"kept.typed.{field.key}")
    st.session_state.setdefault(key, st.session_state.get(kept, ""))
    label = field.label if field.required else f"{field.label} (optional)"
    text = column.text_area(label, key=key, max_chars=MOST_TYPED, height=90, placeholder=field.help)
    st.session_state[kept] = text or ""
    return text or ""


def _subject(run: PageRun) -> Subject:
    case, present, measured = run.case, run.present, run.evaluated()
    by_design = {evaluated.design: evaluated for evaluated in measured}
    parts = roles(present.design, run.baseline.design, [one.design for one in run.trail])
    tried = [pin.design for pin in comparison_bar.attempts(case) if pin.seed == present.seed]
    others = dict.fromkeys([*(offer.evaluated.design for offer in offers(measured)), *tried, run.baseline.design])
    return Subject(
        present,
        tuple(by_design[design] for design in others if design in by_design),
        tuple(tradeoff_rows(measured, parts, present.design)),
        address(),
        date.today().isoformat(),
        tuple(reasons.decision(run, step) for step in reasons.written(case)),
    )


def address() -> str:
    """The address of the page with its whole state, but nothing personal; relative where the server's is unknown."""
    here, link = (st.context.url or "").split("?")[0], st.query_params.to_dict()
    return f"{here}?{urlencode({name: text for name, text in link.items() if name not in state.PERSONAL})}"


def _downloads(case: Case, subject: Subject, typed: Mapping[str, str]) -> None:
    contents = files(subject, typed)
    main = [name for name in contents if name.rpartition(".")[2] in KINDS]
    with st.container(horizontal=True, gap="small"):
        for name in main:
            _download(
                case,
                KINDS[name.rpartition(".")[2]],
                name,
                contents[name],
                "primary" if name == main[0] else "secondary",
            )
        _download(case, "Everything, zip", f"{subject.file_name}.zip", partial(archive, contents))
    st.markdown("Tables as CSV, and figures as SVG made on the server:")
    with st.container(horizontal=True, gap="small"):
        for name in contents:
            if name not in main:
                label = name.removeprefix(f"{subject.file_name}-").replace("_", " ")
                _download(case, label, name, contents[name], "tertiary")
    png.button("The drawing as PNG", drawing(subject), f"{subject.file_name}-drawing.png")
    st.segmented_control(
        "The camera above a tradeoff chart saves it as",
        FORMATS,
        default=st.session_state.get(state.key(case, "saved as"), FORMATS[0]),
        required=True,
        key=state.key(case, "save as"),
        on_change=_save_as,
        args=(case,),
        help="Point at a chart to see the camera. It works without a network.",
    )
    st.caption("The link to this design with its requirements:")
    st.code(subject.address, language=None, wrap_lines=True)
    st.caption(
        f"The script runs in the folder of Kneepoint's source (`python {subject.file_name}.py`), measures the design "
        "again and exits with 1 when a quality differs from this page's in the last bit."
    )


def _save_as(case: Case) -> None:
    st.session_state[state.key(case, "saved as")] = st.session_state[state.key(case, "save as")]


def _download(case: Case, label: str, name: str, make: Callable[[], str | bytes], type: str = "secondary") -> None:
    st.download_button(
        label,
        make,
        name,
        TYPES[name.rpartition(".")[2]],
        key=state.key(case, f"along.{name}"),
        on_click="ignore",
        type=type,
    )
