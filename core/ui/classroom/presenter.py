"""The presenter's wall: everybody's designs, who leads, what changed, predictions against outcome, and the controls."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from core.charts import class_wall, class_wall_summary
from core.classroom import codes, wall
from core.classroom.grade import LESSON_FILE
from core.classroom.lesson import goal_text
from core.classroom.nicknames import file_stems
from core.classroom.store import Classroom, Store
from core.classroom.submissions import Entry
from core.export.bundle import archive
from core.export.tables import as_csv
from core.ui.classroom import links
from core.ui.classroom.clock import clock_text, remaining_s
from core.ui.classroom.histogram import histogram
from core.ui.figures import config
from core.ui.markup import html

STYLE = Path(__file__).parents[1] / "static" / "wall.css"
POLL_S = 1.0  # one look at a number; the page is drawn again only when it has moved
WIDTHS = (2.2, 1)
HEIGHT, TEXT_SIZE = 560, 18  # readable from the last row of a room


def view(store: Store, classroom: Classroom) -> None:
    """The wall of a class."""
    st.html(STYLE)
    everything = store.entries(classroom.code)
    entries = wall.shown(everything, classroom.frozen_at)
    _head(store, classroom, len(everything) - len(entries))
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        _chart(classroom, entries)
    with right:
        _leader(classroom, entries)
        _changed(classroom, entries)
        html(histogram(wall.predicted(entries)))


def _head(store: Store, classroom: Classroom, held_back: int) -> None:
    with st.container(key="wall.head", horizontal=True, vertical_alignment="center", gap="small"):
        n = len(store.students(classroom.code))
        host = links.address({}).split("://")[-1]
        html(
            f'<h1 class="kp-wall-h1">{escape(classroom.lesson.of_case.title)}: '
            f"{escape(goal_text(classroom.lesson))}</h1>"
            f'<div class="kp-wall-join">{escape(host)} <b>{escape(codes.shown(classroom.code))}</b> · {n} in class'
            f"{f' · frozen, {held_back} more' if classroom.frozen_at is not None else ''}</div>"
        )
        with st.container(width="content"):
            st.fragment(_follow, run_every=POLL_S)(store, classroom)
        _controls(store, classroom)


def _follow(store: Store, drawn: Classroom) -> None:
    """Look whether something has moved, and show the clock."""
    if store.version(drawn.code) != drawn.version:
        st.rerun()
    text = clock_text(remaining_s(drawn.ends_s, time.time()))
    html(f'<div class="kp-wall-clock" role="timer">{text or "&nbsp;"}</div>')


def _chart(classroom: Classroom, entries: list[Entry]) -> None:
    lesson = classroom.lesson
    x, y = wall.axes(lesson)
    rows = wall.marks(lesson, entries, entries[-1].number if entries else None)
    reference = wall.reference(lesson) if classroom.revealed else []
    if classroom.revealed and not reference:
        st.info("No recorded design on this data meets the SLO within what the lesson fixes.")
    figure = class_wall(rows, reference, x, y, lines=wall.lines(lesson), height=HEIGHT, text_size=TEXT_SIZE)
    words = class_wall_summary(rows, x, y)
    st.plotly_chart(figure, alt=words, config=config(lesson.of_case, "wall"), key="wall.chart")


def _leader(classroom: Classroom, entries: list[Entry]) -> None:
    lesson = classroom.lesson
    ranking = wall.ranked(lesson, entries)
    if not ranking:
        html('<div class="kp-wall-part"><div class="kp-wall-l">Leader</div><div class="kp-wall-v">–</div></div>')
        return
    rest = "".join(
        f"<li>{at}. {escape(entry.name)} {escape(wall.value_text(lesson, entry))}</li>"
        for at, entry in enumerate(ranking[1:4], 2)
    )
    first = ranking[0]
    misses = "" if first.submission.verdict == "meets" else " (the SLO is not known to be met)"
    html(
        f'<div class="kp-wall-part"><div class="kp-wall-l">Leader{escape(misses)}</div>'
        f'<div class="kp-wall-v">{escape(first.name)}</div>'
        f'<div class="kp-wall-d">{escape(lesson.push.label)} {escape(wall.value_text(lesson, first))}</div>'
        f'<ol class="kp-wall-list">{rest}</ol></div>'
    )


def _changed(classroom: Classroom, entries: list[Entry]) -> None:
    text = wall.what_changed(classroom.lesson, entries)
    html(f'<div class="kp-wall-part"><div class="kp-wall-l">What changed</div>'
         f'<div class="kp-wall-d">{escape(text)}</div></div>')  # fmt: skip


def _controls(store: Store, classroom: Classroom) -> None:
    code = classroom.code
    part = st.popover("Controls", icon=":material/tune:", key="wall.controls", on_change="rerun")
    if not part.open:
        return
    with part:
        _switches(store, classroom)
        _names(store, code)
        _time(store, classroom)
        st.download_button("Submissions, CSV", partial(_csv, store, classroom), f"class-{code}.csv", "text/csv",
                           key="wall.csv", on_click="ignore", icon=":material/download:")  # fmt: skip
        if classroom.lesson.assignment:
            st.download_button("Files to grade, zip", partial(_zip, store, classroom), f"class-{code}.zip",
                               "application/zip", key="wall.zip", on_click="ignore",
                               icon=":material/folder_zip:")  # fmt: skip
        links.qr_code(links.address(links.student_query(code)), 14)
        st.code(links.address(links.student_query(code)), language=None, wrap_lines=True)
        sure = st.toggle("End the class for good", key="wall.sure", help="Forgets everybody's names and designs.")
        if sure:
            st.button("End it now", key="wall.end", icon=":material/delete:", on_click=store.end, args=(code,))


def _switches(store: Store, classroom: Classroom) -> None:
    states = {
        "freeze": ("Freeze the wall", classroom.frozen_at is not None, store.freeze),
        "reveal": ("Reveal the reference front (recorded)", classroom.revealed, store.reveal),
    }
    for name, (label, now, act) in states.items():
        key = f"wall.{name}"
        st.session_state[key] = now
        st.toggle(label, key=key, on_change=_switched, args=(act, classroom.code, key))


def _switched(act: Callable[[str, bool], None], code: str, key: str) -> None:
    act(code, st.session_state[key])


def _names(store: Store, code: str) -> None:
    students = {student.id: student for student in store.students(code)}
    key = "wall.hidden"
    st.session_state[key] = [student.id for student in students.values() if student.hidden]
    st.multiselect(
        "Hidden names",
        list(students),
        format_func=lambda id: students[id].nickname,
        key=key,
        on_change=lambda: store.hide(code, set(st.session_state[key])),
    )


def _time(store: Store, classroom: Classroom) -> None:
    minutes, ends_s = classroom.lesson.minutes, classroom.ends_s
    if ends_s is None and minutes:
        st.button(f"Start the clock: {minutes} min", key="wall.start", icon=":material/timer:",
                  on_click=store.run_clock, args=(classroom.code, minutes))  # fmt: skip
    elif ends_s is not None:
        left_min = (remaining_s(ends_s, time.time()) or 0.0) / 60
        st.button("5 minutes more", key="wall.more", icon=":material/more_time:", on_click=store.run_clock,
                  args=(classroom.code, left_min + 5))  # fmt: skip


def _csv(store: Store, classroom: Classroom) -> str:
    return as_csv(wall.table(classroom.lesson, store.entries(classroom.code)))


def _zip(store: Store, classroom: Classroom) -> bytes:
    """What `python -m core grade` marks once it is unpacked: the lesson, and the last design of each student."""
    files = store.files(classroom.code)
    stems = file_stems(files, beside=[Path(LESSON_FILE).stem])
    made = {f"{stems[name]}.json": partial(str, text) for name, text in files.items()}
    return archive({LESSON_FILE: partial(classroom.lesson.model_dump_json, indent=1), **made})
