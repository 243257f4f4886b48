"""The tables of the store, and the SQLite file that holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

PAGE_BYTES = 4_096
WAIT_S = 10  # for another process that writes

METADATA = sa.MetaData()
CLASSES = sa.Table(
    "classes",
    METADATA,
    sa.Column("code", sa.String, primary_key=True),
    sa.Column("presenter", sa.String, nullable=False),  # hashed
    sa.Column("lesson", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, default=1),  # one more with everything that a wall shows
    sa.Column("expires_s", sa.Float, nullable=False, index=True),
    sa.Column("ends_s", sa.Float),  # when the clock runs out; none before it was started
    sa.Column("frozen_at", sa.Integer),  # the last submission that a frozen wall shows
    sa.Column("revealed", sa.Boolean, nullable=False, default=False),
)
_OF_A_CLASS = {"ondelete": "CASCADE"}
STUDENTS = sa.Table(
    "students",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.ForeignKey("classes.code", **_OF_A_CLASS), nullable=False),
    sa.Column("nickname", sa.String, nullable=False),
    sa.Column("alike", sa.String, nullable=False),
    sa.Column("secret", sa.String, nullable=False, index=True),  # hashed
    sa.Column("hidden", sa.Boolean, nullable=False, default=False),
    sa.Column("file", sa.String),  # the exported design last submitted, of an assignment
    sa.UniqueConstraint("code", "alike"),
)
SUBMISSIONS = sa.Table(
    "submissions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.ForeignKey("classes.code", **_OF_A_CLASS), nullable=False, index=True),
    sa.Column("student", sa.ForeignKey("students.id", **_OF_A_CLASS), nullable=False, index=True),
    sa.Column("at_s", sa.Float, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, so that readers ask for what came after one
)


def engine_of(path: Path, most_bytes: int) -> sa.Engine:
    """The file as an engine of several threads, its tables made; other processes may have it open too."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not where the driver thinks
        pragmas = (
            f"busy_timeout={WAIT_S * 1_000}",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "secure_delete=ON",
        )
        for pragma in (*pragmas, f"max_page_count={most_bytes // PAGE_BYTES}"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes")  # IMMEDIATE: what is counted still holds when written
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    with engine.execution_options(writes=True).begin() as connection:
        METADATA.create_all(connection)
    return engine
