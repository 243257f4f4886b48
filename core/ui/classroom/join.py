"""The way into a class: by its link or its code, with a nickname."""

from __future__ import annotations

import streamlit as st

from core.classroom import codes
from core.classroom.lesson import Lesson, goal_text
from core.classroom.limits import Limits, TooOften
from core.classroom.nicknames import LONGEST
from core.classroom.store import Classroom, StoreError
from core.ui import jobs, pages
from core.ui.classroom import links
from core.ui.markup import plain, prose

UNKNOWN = "There is no class with this code, or it is over: a class lasts a day, an assignment 14 days."
TRIED = Limits()  # codes by session: none can try one after the other


def by_code() -> None:
    """A field for the code of a class, for those who did not come by its link."""
    with st.form("class.by_code", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Code of your class", key="class.code", max_chars=20, placeholder="4KM-Q7R-2XB", width=220)
        if st.form_submit_button("Join", icon=":material/login:"):
            found = find(text)
            if found is None:
                st.error(UNKNOWN, icon=":material/school:")
            else:
                st.query_params[links.CLASS] = found.code
                st.rerun()


def find(text: str) -> Classroom | None:
    """The class of a code that was typed or stands in a link; the page ends here after too many wrong ones."""
    code = codes.read_code(text)
    found = links.store().find(code) if code else None
    if found is None:
        try:
            TRIED.take("wrong code", jobs.session())
        except TooOften as error:
            st.error(plain(str(error)), icon=":material/block:")
            st.stop()
    return found


def page(classroom: Classroom) -> None:
    """What the class is about, and the field for a nickname."""
    lesson = classroom.lesson
    st.title("Join the class", anchor=False)
    st.markdown(f"**{lesson.of_case.title}.** {prose(lesson.of_case.question)}")
    st.markdown(prose(f":material/flag: {goal_text(lesson)}"))
    st.markdown(_fixed(lesson))
    with st.form("class.join", border=False):
        name = st.text_input("Nickname", key="class.nickname", max_chars=LONGEST, help="The wall shows it.", width=280)
        if st.form_submit_button("Join", type="primary", icon=":material/login:"):
            _enter(classroom, name)
    st.caption("A nickname and your designs are all that is kept, and both are gone when the class is over.")


def _fixed(lesson: Lesson) -> str:
    words = ["The SLO, the data and the seed are the class's."]
    words += ["You predict before each figure."] * lesson.predicts
    words += ["Your last design is kept as a file for your teacher."] * lesson.assignment
    return " ".join(words)


def _enter(classroom: Classroom, nickname: str) -> None:
    try:
        secret = links.store().join(classroom.code, nickname)
    except (ValueError, StoreError, TooOften) as error:
        st.error(plain(str(error)), icon=":material/block:")
        return
    query = {links.CLASS: classroom.code, links.STUDENT: secret, **classroom.lesson.start}
    st.switch_page(pages.of(classroom.lesson.of_case), query_params=query)
