"""Street View blurring: a visitor's own photo, searched once for each design and kept nowhere but in the session."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.runtime.calls import by, there
from core.ui import state, waiting
from core.ui.markup import html, plain
from core.ui.page_run import PageRun
from core.ui.panels.marked_photo import image

STYLE = "<style>.kp-own img{width:auto;max-width:100%;display:block;border-radius:.2rem;margin:0 0 .4rem}</style>"


@dataclass(frozen=True)
class OwnPhoto:
    """A visitor's photo as the page shows it: how many boxes of each kind, and the markup."""

    counts: str
    picture: str


def own_photo(run: PageRun, search: Callable[..., Any], types: Sequence[str], refused: type[Exception]) -> None:
    """Blur a visitor's photo, which stays in this session's memory and is never stored."""
    content = st.file_uploader(
        "A photo of your own", types, key=state.key(run.case, "own"),
        help="At most 5 MB and, as a JPEG, 24 million pixels. Of an animated picture only the first frame is read.",
    )  # fmt: skip
    st.caption(
        "The photo is read by this design and shown back to you. It is not stored, not logged and not shown to anybody "
        "else; take it out of the box, or close the page, and it is gone."
    )
    found = _found(run, search, refused, content)
    if isinstance(found, str):
        st.warning(plain(found), icon=":material/hide_image:")
    elif found is not None:
        html(found.picture)
        st.caption(
            f"{found.counts}, at the threshold of {run.present.design.threshold:g}. The networks and thresholds were "
            "set on grey photos put together here, so expect other errors on yours."
        )


def _found(
    run: PageRun, search: Callable[..., Any], refused: type[Exception], content: UploadedFile | None
) -> OwnPhoto | str | None:
    """What this design found in the photo of the box, or why it is refused; None with an empty box.

    Searched once for each photo and design, since every move of any knob redraws the page; with the box it is emptied.
    """
    kept = state.key(run.case, "own.found")
    if content is None:
        st.session_state.pop(kept, None)
        return None
    subject = hashlib.sha256(content.getbuffer()).hexdigest(), run.present.design, run.present.seed
    if st.session_state.get(kept, ((),))[0] != subject:
        with by(waiting.here("Looking at your photo")):
            st.session_state[kept] = subject, _searched(search, refused, content.getvalue(), *subject[1:])
    return st.session_state[kept][1]


def _searched(
    search: Callable[..., Any], refused: type[Exception], content: bytes, design: Any, seed: int
) -> OwnPhoto | str:
    try:
        tried = there(search, content, design, seed)
    except refused as error:
        return str(error)
    faces = int((tried.kinds == 0).sum())
    counts = f"{faces} boxes detected as faces, {len(tried.kinds) - faces} as plates"
    picture = image(tried.blurred, f"your photo, blurred: {counts}")
    return OwnPhoto(counts, f'<div class="kp">{STYLE}<div class="kp-own">{picture}</div></div>')
