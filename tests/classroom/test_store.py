"""The store: bounded, forgetful after a day, alive after a restart, and shared by processes."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.classroom import codes
from core.classroom.limits import Limits, TooOften
from core.classroom.store import ASSIGNED_S, DAY_S, Bounds, Store, StoreError, path_of_store
from tests.classroom.made import Clock, lesson, store, submission

ROOT = Path(__file__).parents[2]
ANOTHER_SERVER = """
import sys
from pathlib import Path
from core.classroom.limits import Limits
from core.classroom.store import Store
from core.classroom.submissions import Submission
store = Store(Path(sys.argv[1]), limits=Limits({"submit": "1000 per minute"}))
student = store.student(sys.argv[2], sys.argv[3])
content = Submission.model_validate_json(sys.argv[4])
for _ in range(int(sys.argv[5])):
    store.submit(student, content)
print(store.find(sys.argv[2]).lesson.case, len(store.students(sys.argv[2])))
"""


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept(tmp_path, clock):
    return store(tmp_path, clock)


def test_a_class_is_found_by_its_code_and_presented_by_its_secret_alone(kept):
    code, secret = kept.open(lesson(minutes=20))
    found = kept.find(code)
    assert found.lesson == lesson(minutes=20) and (found.frozen_at, found.revealed, found.ends_s) == (None, False, None)
    assert kept.presents(code, secret)
    assert not kept.presents(code, codes.hashed(secret)) and not kept.presents(code, "")
    assert kept.find("4KMQ7R2XB") is None and kept.version("4KMQ7R2XB") == 0
    assert not kept.presents("4KMQ7R2XB", secret)


def test_a_student_is_known_by_the_secret_of_the_link_in_that_class_alone(kept):
    code, presenter = kept.open(lesson())
    other, _ = kept.open(lesson())
    secret = kept.join(code, "Ana")
    assert kept.student(code, secret).nickname == "Ana"
    assert kept.student(other, secret) is None and kept.student(code, presenter) is None
    assert kept.student(code, codes.hashed(secret)) is None and kept.student(code, "") is None
    with pytest.raises(ValueError, match="this nickname"):
        kept.join(code, " ANA ")
    assert kept.join(other, "Ana") != secret  # another class is another class


def test_no_secret_stands_in_the_file(kept, tmp_path):
    code, presenter = kept.open(lesson())
    student = kept.join(code, "Ana")
    kept.submit(kept.student(code, student), submission())
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Ana" in content
    assert presenter.encode() not in content and student.encode() not in content


def test_the_file_is_nobody_elses_and_in_wal_mode(kept, tmp_path):
    path = tmp_path / "classes.sqlite"
    assert path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(path) as opened:
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_class_survives_a_restart_of_the_server(tmp_path, clock):
    before = store(tmp_path, clock)
    code, presenter = before.open(lesson(locked=("index",)))
    secret = before.join(code, "Ana")
    before.submit(before.student(code, secret), submission(0.61))
    before.close()
    after = store(tmp_path, clock)
    assert after.find(code).lesson.locked == ("index",) and after.presents(code, presenter)
    (entry,) = after.entries(code)
    assert entry.student == after.student(code, secret).id and entry.submission == submission(0.61)


def test_a_class_is_forgotten_after_a_day_and_an_assignment_after_fourteen(tmp_path, kept, clock):
    code, secret = kept.open(lesson())
    homework, _ = kept.open(lesson(assignment=True))
    student = kept.join(code, "Ana")
    joined = kept.student(code, student)
    clock.now_s += DAY_S + 1
    assert kept.find(code) is None and kept.version(code) == 0
    assert kept.student(code, student) is None and not kept.presents(code, secret)
    with pytest.raises(StoreError, match="over"):
        kept.submit(joined, submission())
    with pytest.raises(StoreError, match="over"):
        kept.join(code, "Bob")
    assert kept.find(homework) is not None
    assert b"Ana" in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    kept.open(lesson())
    with sqlite3.connect(tmp_path / "classes.sqlite") as opened:  # the names went with the class
        assert opened.execute("SELECT count(*) FROM students").fetchone() == (0,)
    clock.now_s += ASSIGNED_S
    assert kept.find(homework) is None


def test_what_a_store_holds_is_bounded(tmp_path, clock):
    few = Bounds(classes=1, students=2, submissions=2, content_bytes=2_000, file_bytes=100)
    kept = store(tmp_path, clock, bounds=few)
    code, _ = kept.open(lesson())
    with pytest.raises(StoreError, match="holds 1 class"):
        kept.open(lesson())
    ana = kept.student(code, kept.join(code, "Ana"))
    kept.join(code, "Bob")
    with pytest.raises(StoreError, match="full"):
        kept.join(code, "Cleo")
    with pytest.raises(StoreError, match="too large"):
        kept.submit(ana, submission(differs="x" * 3_000))
    with pytest.raises(StoreError, match="too large"):
        kept.submit(ana, submission(), "x" * 101)
    kept.submit(ana, submission())
    kept.submit(ana, submission())
    with pytest.raises(StoreError, match="2 designs"):
        kept.submit(ana, submission())
    clock.now_s += DAY_S + 1
    assert kept.open(lesson())  # the first one made place


def test_the_file_grows_to_its_bound_and_says_so(tmp_path, clock):
    kept = store(tmp_path, clock, bounds=Bounds(store_bytes=200_000))
    code, _ = kept.open(lesson(assignment=True))
    ana = kept.student(code, kept.join(code, "Ana"))
    with pytest.raises(StoreError, match="full"):
        kept.submit(ana, submission(), "x" * 240_000)
    assert not kept.entries(code) and (tmp_path / "classes.sqlite").stat().st_size <= 200_000


def test_what_is_done_too_often_is_refused(tmp_path, clock):
    kept = store(
        tmp_path, clock, limits=Limits({"open": "2 per hour", "join": "2 per minute", "submit": "1 per minute"})
    )
    code, other = kept.open(lesson())[0], kept.open(lesson())[0]
    with pytest.raises(TooOften, match="Try again later"):
        kept.open(lesson())
    ana, bob = (kept.student(code, kept.join(code, name)) for name in ("Ana", "Bob"))
    with pytest.raises(TooOften, match="minute"):
        kept.join(code, "Cleo")
    assert kept.join(other, "Cleo")  # a crowd in one class is none in another
    kept.submit(ana, submission())
    with pytest.raises(TooOften, match="Wait"):
        kept.submit(ana, submission())
    kept.submit(bob, submission())
    assert [entry.nickname for entry in kept.entries(code)] == ["Ana", "Bob"]


def test_the_version_moves_with_all_that_a_wall_shows(kept):
    code, _ = kept.open(lesson())
    other, _ = kept.open(lesson())
    still = kept.version(other)
    seen = [kept.version(code)]

    def moved(act, *args):
        act(*args)
        seen.append(kept.version(code))

    moved(kept.join, code, "Ana")
    (ana,) = kept.students(code)
    moved(kept.submit, ana, submission())
    moved(kept.freeze, code, True)
    moved(kept.reveal, code, True)
    moved(kept.hide, code, {ana.id})
    moved(kept.run_clock, code, 5)
    assert seen == list(range(seen[0], seen[0] + 7)) and kept.version(other) == still
    now = kept.find(code)
    assert (now.frozen_at, now.revealed, now.ends_s) == (1, True, 1_000_300.0)
    assert kept.entries(code)[0].hidden and kept.entries(code)[0].name == "hidden name"
    kept.freeze(code, False)
    kept.hide(code, set())
    assert kept.find(code).frozen_at is None and kept.entries(code)[0].name == "Ana"


def test_after_the_time_nothing_is_taken_until_there_is_more_of_it(kept, clock):
    code, _ = kept.open(lesson(minutes=20))
    ana = kept.student(code, kept.join(code, "Ana"))
    kept.submit(ana, submission())
    kept.run_clock(code, 20)
    clock.now_s += 20 * 60 + 1
    with pytest.raises(StoreError, match="Time is up"):
        kept.submit(ana, submission())
    kept.run_clock(code, 5)
    kept.submit(ana, submission())
    assert len(kept.entries(code)) == 2


def test_the_last_file_of_an_assignment_stays_and_an_ended_class_leaves_nothing(kept):
    code, _ = kept.open(lesson(assignment=True))
    ana = kept.student(code, kept.join(code, "Ana"))
    kept.submit(ana, submission(), "first")
    kept.submit(ana, submission(), "second")
    assert kept.files(code) == {"Ana": "second"}
    kept.end(code)
    assert kept.find(code) is None and not kept.students(code) and not kept.files(code)


def test_two_servers_and_many_threads_share_one_file(tmp_path):
    free = Limits({"submit": "1000 per minute"})
    path = tmp_path / "classes.sqlite"
    kept = Store(path, limits=free)
    code, _ = kept.open(lesson())
    secrets = [kept.join(code, f"s{n}") for n in range(4)]
    command = [sys.executable, "-c", ANOTHER_SERVER, str(path), code]
    others = [
        subprocess.Popen([*command, secret, submission(0.4).model_dump_json(), "40"], cwd=ROOT, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for secret in secrets[:2]
    ]  # fmt: skip
    mine = [kept.student(code, secret) for secret in secrets[2:]]

    def work(student):
        for _ in range(40):
            kept.submit(student, submission())

    threads = [threading.Thread(target=work, args=(student,)) for student in mine]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        said, complaint = other.communicate(timeout=300)
        assert said.split() == ["visual_search", "4"] and not complaint
    entries = kept.entries(code)
    assert len(entries) == 160 and [entry.number for entry in entries] == sorted({entry.number for entry in entries})
    assert kept.version(code) == 1 + 4 + 160


def test_a_file_that_is_no_store_is_told_in_a_sentence(tmp_path):
    (tmp_path / "classes.sqlite").write_bytes(b"no database at all, and long enough to be taken for one" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        store(tmp_path)


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"):
        store(tmp_path / "file")


def test_where_the_file_is(monkeypatch, tmp_path):
    monkeypatch.setenv("KNEEPOINT_CACHE", str(tmp_path))
    monkeypatch.delenv("KNEEPOINT_CLASSROOM", raising=False)
    assert path_of_store() == tmp_path / "classroom.sqlite"
    monkeypatch.setenv("KNEEPOINT_CLASSROOM", str(tmp_path / "own.db"))
    assert path_of_store() == tmp_path / "own.db"
