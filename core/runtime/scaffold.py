"""A new case that runs: `core/cases/skeleton` under another name, with its page, its tests and its line in the menu."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SKELETON, TITLE = "skeleton", "Finding digits"
LAST_SLUG = re.compile(r'^SLUGS = \(\n(?:    "\w+",\n)*', re.MULTILINE)


def create(slug: str, root: Path = ROOT) -> list[Path]:
    """Write the files of a new case and its line in the catalog; what was written. Raises ValueError for a bad slug."""
    refuse_bad_slug(slug, root)
    skeleton = root / "core" / "cases" / SKELETON
    written = [
        _write(file, target, slug)
        for file in sorted(skeleton.iterdir())
        if file.is_file() and (target := target_of(file, slug, root))
    ]
    return [*written, _enter(slug, root / "core" / "catalog.py")]


def refuse_bad_slug(slug: str, root: Path = ROOT) -> None:
    """Raises ValueError, with what to do, for a name that cannot be a package and an address, or that is taken."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", slug):
        raise ValueError(f"“{slug}” cannot name a case: use lower-case letters, digits and underscores after a letter.")
    if keyword.iskeyword(slug) or keyword.issoftkeyword(slug):
        raise ValueError(f"“{slug}” cannot name a case, since it is a word of Python: choose another name.")
    for path in (f"core/cases/{slug}", f"pages/{slug}.py", f"tests/cases/test_{slug}.py"):
        if (root / path).exists():
            raise ValueError(f"“{slug}” is taken: {path} exists already. Choose another name.")


def target_of(file: Path, slug: str, root: Path) -> Path:
    """Where a file of the skeleton goes: the page and the tests have folders of their own."""
    elsewhere = {"page.py.txt": root / "pages" / f"{slug}.py", "test.py.txt": root / "tests/cases" / f"test_{slug}.py"}
    return elsewhere.get(file.name, root / "core" / "cases" / slug / file.name)


def renamed(text: str, slug: str) -> str:
    """The text of a skeleton's file under the name of the new case: its package, its Design and its title."""
    title = slug.replace("_", " ").capitalize()
    names = {
        SKELETON: slug,
        SKELETON.capitalize(): "".join(part.capitalize() for part in slug.split("_")),
        TITLE: title,
        TITLE.lower(): title.lower(),
    }
    return re.sub(rf"\b(?:{'|'.join(names)})\b", lambda match: names[match[0]], text)


def _write(file: Path, target: Path, slug: str) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(renamed(file.read_text(encoding="utf-8"), slug), encoding="utf-8")
    return target


def _enter(slug: str, catalog: Path) -> Path:
    """Put the case at the end of the menu."""
    text = catalog.read_text(encoding="utf-8")
    catalog.write_text(LAST_SLUG.sub(lambda match: f'{match[0]}    "{slug}",\n', text, count=1), encoding="utf-8")
    return catalog
