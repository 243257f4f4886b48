"""The store of all classes: one SQLite file, bounded, which outlives the server and which several servers may share."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cachetools
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from core.classroom import codes
from core.classroom.lesson import Lesson, read_lesson
from core.classroom.limits import Limits
from core.classroom.nicknames import alike, read_nickname
from core.classroom.submissions import Entry, Submission
from core.classroom.tables import CLASSES, STUDENTS, SUBMISSIONS, engine_of

DAY_S = 24 * 3600.0
ASSIGNED_S = 14 * DAY_S  # an assignment is for at home


class StoreError(RuntimeError):
    """The store cannot do what was asked; the message is for the reader."""


@dataclass(frozen=True)
class Bounds:
    """How much a store holds."""

    classes: int = 200
    students: int = 200  # of a class
    submissions: int = 60  # of a student
    content_bytes: int = 8_000  # of a submission
    file_bytes: int = 250_000  # of an exported design
    store_bytes: int = 256_000_000


@dataclass(frozen=True)
class Classroom:
    """A class as it stands: its lesson, its clock, and what its wall shows."""

    code: str
    lesson: Lesson
    version: int
    expires_s: float
    ends_s: float | None
    frozen_at: int | None
    revealed: bool


@dataclass(frozen=True)
class Student:
    """Somebody in a class; the secret of the link is not kept here."""

    id: int
    code: str
    nickname: str
    hidden: bool = False


class Store:
    """The classes of a file; thread-safe, and safe beside other processes on the same file. Times are Unix seconds."""

    def __init__(
        self,
        path: Path,
        bounds: Bounds | None = None,
        now_s: Callable[[], float] = time.time,
        limits: Limits | None = None,
    ) -> None:
        self.bounds, self._now_s, self._limits = bounds or Bounds(), now_s, limits or Limits()
        with _told():
            self._reads = engine_of(path, self.bounds.store_bytes)
        self._writes = self._reads.execution_options(writes=True)
        self._entries: cachetools.LRUCache = cachetools.LRUCache(64)  # code → its submissions, read so far
        self._lock = threading.Lock()
        self._forget_expired()

    def open(self, lesson: Lesson) -> tuple[str, str]:
        """A new class: its code and the presenter's secret, which is told here and never again."""
        self._limits.take("open")
        code, secret, now_s = codes.new_code(), codes.new_secret(), self._now_s()
        lasts_s = ASSIGNED_S if lesson.assignment else DAY_S
        self._forget_expired()
        with self._writing() as store:
            if _count(store, CLASSES) >= self.bounds.classes:
                raise StoreError(f"This server holds {self.bounds.classes} classes already. Try again tomorrow.")
            row = dict(code=code, presenter=codes.hashed(secret), lesson=lesson.model_dump_json())
            store.execute(sa.insert(CLASSES).values(**row, expires_s=now_s + lasts_s))
        return code, secret

    def find(self, code: str) -> Classroom | None:
        """The class of a code; None where there is none, or none any more."""
        row = self._one(sa.select(CLASSES).where(self._lives(code)))
        if row is None:
            return None
        try:
            lesson = read_lesson(row.lesson)
        except ValueError:
            return None  # of a version of the app whose knobs were others
        return Classroom(code, lesson, row.version, row.expires_s, row.ends_s, row.frozen_at, row.revealed)

    def version(self, code: str) -> int:
        """A number that grows with everything a wall shows; 0 where there is no such class. This is what is polled."""
        row = self._one(sa.select(CLASSES.c.version).where(self._lives(code)))
        return 0 if row is None else row.version

    def presents(self, code: str, secret: str) -> bool:
        """Whether this is the presenter's secret."""
        row = self._one(sa.select(CLASSES.c.presenter).where(self._lives(code)))
        return codes.same(secret, row.presenter if row else "")

    def join(self, code: str, nickname: str) -> str:
        """Take a student in; the secret of the student's link. ValueError for a nickname that cannot be had."""
        name = read_nickname(nickname)
        self._limits.take("join", code)
        secret, mine = codes.new_secret(), STUDENTS.c.code == code
        with self._writing(code) as store:
            if _count(store, STUDENTS, mine, STUDENTS.c.alike == alike(name)):
                raise ValueError("Somebody in this class has this nickname. Choose another one.")
            if _count(store, STUDENTS, mine) >= self.bounds.students:
                raise StoreError(f"This class is full: it has {self.bounds.students} students.")
            row = dict(code=code, nickname=name, alike=alike(name), secret=codes.hashed(secret))
            store.execute(sa.insert(STUDENTS).values(**row))
        return secret

    def student(self, code: str, secret: str) -> Student | None:
        """Whose link this is; None where it is nobody's."""
        wanted = sa.select(STUDENTS).join(CLASSES).where(self._lives(code), STUDENTS.c.secret == codes.hashed(secret))
        row = self._one(wanted)
        return Student(row.id, code, row.nickname, row.hidden) if row and codes.same(secret, row.secret) else None

    def submit(self, student: Student, submission: Submission, file: str = "") -> None:
        """Keep a submission; `file` is the exported design of an assignment, of which the last one stays."""
        self._limits.take("submit", str(student.id))
        content, bounds = submission.model_dump_json(), self.bounds
        if len(content.encode()) > bounds.content_bytes or len(file.encode()) > bounds.file_bytes:
            raise StoreError("This submission is too large to be kept.")
        with self._writing(student.code) as store:
            if _count(store, SUBMISSIONS, SUBMISSIONS.c.student == student.id) >= bounds.submissions:
                raise StoreError(f"You have submitted {bounds.submissions} designs, and there it ends.")
            ends_s = store.execute(sa.select(CLASSES.c.ends_s).where(CLASSES.c.code == student.code)).scalar_one()
            if ends_s is not None and self._now_s() > ends_s:
                raise StoreError("Time is up: this class takes no more submissions.")
            row = dict(code=student.code, student=student.id, at_s=self._now_s(), content=content)
            store.execute(sa.insert(SUBMISSIONS).values(**row))
            if file:
                store.execute(sa.update(STUDENTS).where(STUDENTS.c.id == student.id).values(file=file))

    def entries(self, code: str) -> tuple[Entry, ...]:
        """All submissions of a class in their order, hidden names marked."""
        with self._lock:
            known: tuple[Entry, ...] = self._entries.get(code, ())
        after = known[-1].number if known else 0
        columns = (SUBMISSIONS, STUDENTS.c.nickname)
        fresh = sa.select(*columns).join(STUDENTS).where(SUBMISSIONS.c.code == code, SUBMISSIONS.c.id > after)
        rows = self._all(fresh.order_by(SUBMISSIONS.c.id))
        known += tuple(
            Entry(row.id, row.student, row.nickname, row.at_s, Submission.model_validate_json(row.content))
            for row in rows
        )
        with self._lock:
            self._entries[code] = known
        hidden = {student.id for student in self.students(code) if student.hidden}
        return tuple(_hidden(entry) if entry.student in hidden else entry for entry in known)

    def students(self, code: str) -> list[Student]:
        """Everybody in a class, in the order of joining."""
        columns = (STUDENTS.c.id, STUDENTS.c.nickname, STUDENTS.c.hidden)
        rows = self._all(sa.select(*columns).where(STUDENTS.c.code == code).order_by(STUDENTS.c.id))
        return [Student(row.id, code, row.nickname, row.hidden) for row in rows]

    def files(self, code: str) -> dict[str, str]:
        """Nickname → the exported design that was submitted last, of an assignment."""
        columns = (STUDENTS.c.nickname, STUDENTS.c.file)
        rows = self._all(sa.select(*columns).where(STUDENTS.c.code == code, STUDENTS.c.file.is_not(None)))
        return {row.nickname: row.file for row in rows}

    def hide(self, code: str, students: set[int]) -> None:
        """Hide the names of these students, and of nobody else."""
        with self._writing(code) as store:
            mine = sa.update(STUDENTS).where(STUDENTS.c.code == code)
            store.execute(mine.values(hidden=STUDENTS.c.id.in_(students)))

    def freeze(self, code: str, frozen: bool) -> None:
        """Let the wall stand as it is, or follow again; submissions are taken all the same."""
        last = sa.select(sa.func.coalesce(sa.func.max(SUBMISSIONS.c.id), 0)).where(SUBMISSIONS.c.code == code)
        self._set(code, frozen_at=last.scalar_subquery() if frozen else None)

    def reveal(self, code: str, revealed: bool) -> None:
        """Show the reference front on the wall, or take it away."""
        self._set(code, revealed=revealed)

    def run_clock(self, code: str, minutes: float) -> None:
        """Let the time end in so many minutes from now."""
        self._set(code, ends_s=self._now_s() + 60 * minutes)

    def end(self, code: str) -> None:
        """Forget a class and all that is in it."""
        with self._writing(code) as store:
            store.execute(sa.delete(CLASSES).where(CLASSES.c.code == code))

    def close(self) -> None:
        """Let the file go."""
        self._reads.dispose()

    def _forget_expired(self) -> None:
        with self._writing() as store:
            store.execute(sa.delete(CLASSES).where(CLASSES.c.expires_s <= self._now_s()))

    def _set(self, code: str, **values: Any) -> None:
        with self._writing(code) as store:
            store.execute(sa.update(CLASSES).where(CLASSES.c.code == code).values(**values))

    def _lives(self, code: str) -> sa.ColumnElement[bool]:
        return sa.and_(CLASSES.c.code == code, CLASSES.c.expires_s > self._now_s())

    @contextmanager
    def _writing(self, code: str = "") -> Iterator[sa.Connection]:
        """A transaction that writes; one in a class raises StoreError where that is gone, and moves its version on."""
        with _told(), self._writes.begin() as store:
            if code:
                moved = sa.update(CLASSES).where(self._lives(code)).values(version=CLASSES.c.version + 1)
                if not store.execute(moved).rowcount:
                    raise StoreError("This class is over.")
            yield store

    def _one(self, query: sa.Select[Any]) -> Any:
        with _told(), self._reads.connect() as store:
            return store.execute(query).first()

    def _all(self, query: sa.Select[Any]) -> list[Any]:
        with _told(), self._reads.connect() as store:
            return list(store.execute(query).all())


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the database and of its folder as a sentence for the reader."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error.strerror or error
        raise StoreError(f"The file of the classes cannot be used now ({str(reason)[:80]}).") from error


def _count(store: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(store.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


def _hidden(entry: Entry) -> Entry:
    return Entry(entry.number, entry.student, entry.nickname, entry.at_s, entry.submission, hidden=True)


def path_of_store() -> Path:
    """The file: KNEEPOINT_CLASSROOM, else one in the folder that KNEEPOINT_CACHE names, else in the temporary one."""
    named = os.environ.get("KNEEPOINT_CLASSROOM")
    folder = Path(os.environ.get("KNEEPOINT_CACHE") or Path(tempfile.gettempdir()) / "kneepoint")
    return Path(named) if named else folder / "classroom.sqlite"


@cache
def store_at(path: Path) -> Store:
    """The store of a file, one for all sessions of this process."""
    return Store(path)
