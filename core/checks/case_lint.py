"""What a case still lacks, in sentences: the promises that every case keeps, one small function a promise.

Each rule is handed a case and yields a sentence for whatever is amiss; `python -m core lint` prints them, and the
shared contract tests call the same functions. What a case may do without (an interview, scaling, …) is `optional`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.checks import interview_lint
from core.checks.common import checks_of
from core.contract.case import SEED, Case, Measurement
from core.contract.check import KINDS
from core.contract.design import FAMILIES, canonical, knobs
from core.contract.scaling_spec import IndexPart, LinearPart, ScalingPart
from core.contract.words import SOURCE_KINDS
from core.serving.prices import AMOUNTS, EDITABLE, Prices, dials

Rule = Callable[[Case], Iterable[str]]
ROOT = Path(__file__).parents[2]
SLUG = r"[a-z][a-z0-9_]*"
# what a case's folder may hold, each as a file of Python or as a folder of them; `operate` is for its running
SUBJECTS = (
    "design", "data", "features", "model", "pipeline", "serve", "evaluate", "operate", "checks", "architecture",
    "scaling", "interview",
)  # fmt: skip
FILES = ("__init__.py", "interview.toml", "sources.toml", *(f"{name}.py" for name in SUBJECTS))
LONGEST_LABEL = 40
WRITTEN_SMALL = ("nprobe", "efSearch", "logQ")  # names of knobs that the field writes so
HELP_CHARACTERS = (20, 200)
FEWEST_SIZES = 4  # of a law of quality: three to fit it, and one to try it on
FEWEST_REQUESTS = 1_000  # single requests timed: the fewest that carry a p99


def lacks(case: Case) -> list[str]:
    """Every sentence about what the case lacks, in the order of RULES; empty where it lacks nothing."""
    return [sentence for rule in RULES for sentence in broken(rule, case)]


def broken(rule: Rule, case: Case) -> list[str]:
    """What one rule says of a case; a rule that raises says so, since something it reads is not there."""
    try:
        return list(rule(case))
    except Exception as error:  # whatever a case that is being written raises, the other rules still speak
        return [f"The rule “{rule.__name__.replace('_', ' ')}” could not be tried: {type(error).__name__}: {error}"]


def optional(case: Case) -> list[str]:
    """What the case may do without, and does."""
    needs = case.requirements
    without = {
        "an interview: the seven steps leave it out": case.interview is None,
        "scaling_parts: nothing is said about a billion items": case.scaling_parts is None,
        "quality_growth: no size but the measured one is judged": case.quality_growth is None,
        "ablation_steps: its ceiling is not taken apart": not case.ablation_steps,
        "precompute: batch and online are not weighed": case.precompute is None,
        "published figures: nothing stands beside ours": not case.published,
        "a quality floor: no quality rules a design out": needs.quality_floor is None,
        "a budget: no cost rules a design out": needs.budget_usd is None,
        "bills_beside: its bill stands beside no other": not case.bills_beside,
        "a number of items at the interviewer's scale": needs.items is None,
    }
    unlinked = [source.title for source in case.sources if not source.url]
    return [*(what for what, missing in without.items() if missing), *(f"a link to “{title}”" for title in unlinked)]


# -- the record ------------------------------------------------------------------------------------------------------


def files_are_there(case: Case) -> Iterator[str]:
    """A page and a test file of the case's name."""
    if not re.fullmatch(SLUG, case.slug):
        yield f"The slug “{case.slug}” has to be lower-case letters, digits and underscores."
    for file in (f"pages/{case.slug}.py", f"tests/cases/test_{case.slug}.py"):
        if not (ROOT / file).exists():
            yield f"There has to be a file {file}."


def files_have_the_common_names(case: Case) -> Iterator[str]:
    """The files and folders of a case are named as those of every other case."""
    folder = ROOT / "core" / "cases" / case.slug
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = path.name
        if name != "__pycache__" and name not in (SUBJECTS if path.is_dir() else FILES):
            where = path.relative_to(ROOT).as_posix()
            yield f"There may be no {where}: put it into one of {', '.join(SUBJECTS)}, each a file or a folder."


def knobs_are_explained(case: Case) -> Iterator[str]:
    """Every knob has a family, options to choose from, a label that fits and a sentence on what it trades."""
    least, most = HELP_CHARACTERS
    for name, knob in knobs(case.Design).items():
        if knob.family not in FAMILIES:
            yield f"The family of knob “{name}” has to be one of {', '.join(FAMILIES)}."
        if len(knob.options) < 2:
            yield f"Knob “{name}” needs two options or more."
        capital = knob.label[:1].isupper() or knob.label.startswith(WRITTEN_SMALL)
        if not capital or len(knob.label) > LONGEST_LABEL:
            yield f"The label of knob “{name}” has to start with a capital and take {LONGEST_LABEL} characters at most."
        if not least <= len(knob.help) <= most or not knob.help.endswith("."):
            yield f"The help of knob “{name}” has to be {least} to {most} characters that end with a period."


def designs_are_canonical(case: Case) -> Iterator[str]:
    """Default and baseline are canonical, and differ."""
    for name, design in (("default", case.Design()), ("baseline", case.baseline)):
        if canonical(design) != design:
            yield f"The {name} sets a knob that does nothing in it: use {canonical(design)}."
    if case.baseline == case.Design():
        yield "The baseline has to differ from the default."


def checks_are_sentences(case: Case) -> Iterator[str]:
    """There are checks, with ids of their own, known kinds and whole sentences."""
    ids = [check.id for check in case.checks]
    if not ids:
        yield "A case needs a check: a sentence that its page tells, with the runs that say whether it holds."
    for id in sorted({id for id in ids if ids.count(id) > 1}):
        yield f"There are two checks “{id}”."
    for check in case.checks:
        if check.kind not in KINDS:
            yield f"The kind of check {check.id} has to be one of {', '.join(KINDS)}."
        if not check.sentence[:1].isupper() or not check.sentence.endswith("."):
            yield f"The sentence of check {check.id} has to start with a capital and end with a period."


def sources_are_told(case: Case) -> Iterator[str]:
    """Data have a source, and every source says what it is and where."""
    if not any(source.kind == "data" for source in case.sources):
        yield "The data need a source: one of the sources has to be of kind “data”."
    for source in (*case.sources, *(figure.source for figure in case.published)):
        if not source.title or not source.detail:
            yield f"Source “{source.title}” needs a title and a detail."
        if source.kind not in SOURCE_KINDS:
            yield f"The kind of source “{source.title}” has to be one of {', '.join(SOURCE_KINDS)}."
        if source.url and not source.url.startswith(("https://", "http://")):
            yield f"The link of source “{source.title}” has to start with https://."
    if not case.requirements.source:
        yield "The requirements need a source; “Illustrative.” is an honest one."


def published_figures_stand_beside_checks(case: Case) -> Iterator[str]:
    """A published figure has a link that says it, and says what of ours it stands beside, by checks that there are."""
    ids = {check.id for check in checks_of(case)}
    for figure in case.published:
        if not figure.figure or not figure.ours:
            yield f"The published “{figure.what}” needs its figure, and words on what of ours it stands beside."
        if not figure.source.url.startswith("https://"):
            yield f"The published “{figure.what}” needs a source with a link, https://…, to a page that says it."
        for id in figure.agrees:
            if id not in ids:
                yield f"The published “{figure.what}” agrees with a check {id} that there is not."


def charges_have_names(case: Case) -> Iterator[str]:
    """Every price has a name and a line of its own, a unit and a date."""
    charges = case.requirements.charges
    if len(dials(Prices(), case.requirements)) != len(EDITABLE) + len(AMOUNTS) + len(charges):
        yield "The name of each charge has to be its own, and no name of a price of machines."
    if len({charge.part for charge in charges}) != len(charges):
        yield "The part of each charge, its line of the bill, has to be its own."
    for charge in charges:
        if not charge.name.isidentifier() or not charge.label[:1].isupper():
            yield f"Charge “{charge.name}” needs an identifier as its name and a label that starts with a capital."
        if not charge.unit or not charge.as_of.startswith("20"):
            yield f"Charge “{charge.name}” needs a unit and the year or day that its price is of."


# -- the measurement -------------------------------------------------------------------------------------------------


def default_measures_facts(case: Case) -> Iterable[str]:
    """The default, run."""
    return facts_lack(case, case.run(case.Design(), seed=SEED))


def facts_lack(case: Case, measured: Measurement) -> Iterator[str]:
    """What a measurement of the case lacks: its qualities, times, bytes, seconds and charges."""
    if not measured.quality or not set(measured.quality) <= {axis.key for axis in case.qualities}:
        yield f"The qualities measured ({', '.join(measured.quality)}) have to be among those of the case."
    for key, value in measured.quality.items():
        mean = value.per_query.mean()
        if not np.isfinite(value.per_query).all() or not value.low <= value.value <= value.high:
            yield f"Quality {key} has to be finite for every query and lie in its interval."
        if abs(value.value - mean) > 1e-6 * max(1.0, abs(mean)):
            yield f"Quality {key} has to be the mean over its queries: use estimate(per_query)."
    if len(measured.service_ms) < FEWEST_REQUESTS or not (measured.service_ms > 0).all():
        yield f"At least {FEWEST_REQUESTS:,} single requests have to be timed, each above 0 ms."
    if not np.allclose(sum(measured.parts_ms.values()), measured.service_ms, rtol=1e-6):
        yield "The parts of a request (parts_ms) have to add up to its service time."
    if not (measured.memory_bytes > 0 and measured.build_s > 0 and measured.noise >= 1):
        yield "Memory and build have to be above 0, and the noise of the clock at least 1."
    yield from _build_lacks(measured)
    if measured.charged.keys() != {charge.name for charge in case.requirements.charges}:
        yield "The run has to count the units of each charge of the requirements in `charged`, and of no other."
    if not all(np.isfinite(units) and units >= 0 for units in measured.charged.values()):
        yield "The units charged have to be finite and not negative."
    for name, (low, high) in measured.charged_between.items():
        if not low <= measured.charged.get(name, np.nan) <= high:
            yield f"The units of “{name}” have to lie in their interval."


def _build_lacks(measured: Measurement) -> Iterator[str]:
    """Build seconds rest on what ran: no more than all steps took, but for what comes made."""
    if any(record.wall_s < 0 or record.nbytes < 0 for record in measured.steps):
        yield "No step may take less than nothing."
    if not 0 <= measured.shipped_s < measured.build_s:
        yield "What comes made (shipped_s) has to be a part of build_s."
    if not 0 <= measured.index_build_s <= measured.build_s:
        yield "The build of the indexes (index_build_s) has to be a part of build_s."
    if measured.build_s - measured.shipped_s > sum(record.cpu_s for record in measured.steps) + 1e-9:
        yield "The build counts steps that are not in the strip: name them in `timed`, `quality` or `traced`."


# -- what a case may have --------------------------------------------------------------------------------------------


def scaling_parts_are_in_the_design(case: Case) -> Iterator[str]:
    """What grows has names of its own and, where its time grows too, a part of the request."""
    if case.scaling_parts is not None:
        measured = case.run(case.Design(), seed=SEED)
        yield from scaling_parts_lack(case.scaling_parts(case.Design(), measured), measured)


def scaling_parts_lack(parts: Sequence[ScalingPart], measured: Measurement) -> Iterator[str]:
    """What is amiss with the scaling parts of one measurement."""
    if not parts or len({part.what for part in parts}) != len(parts):
        yield "The scaling parts need names of their own; where nothing grows, say so by fixed(what, why)."
    for part in parts:
        if isinstance(part, IndexPart | LinearPart) and part.part and part.part not in measured.parts_ms:
            yield f"The scaling part “{part.what}” names “{part.part}”, which is no part of a request."


def quality_growth_has_laws(case: Case) -> Iterator[str]:
    """The growth of the quality says why, and where it follows a law there are designs to record that on."""
    designs = case.law_basis.designs if case.law_basis else ()
    growths = [case.quality_growth(design) for design in designs] if case.quality_growth else []
    likes = {growth.like for growth in growths if growth is not None}
    for name, design in (("default", case.Design()), ("baseline", case.baseline)) if case.quality_growth else ():
        growth = case.quality_growth(design)
        if growth is None or not growth.why:
            yield f"How the quality of the {name} changes with more items needs a reason: QualityGrowth(why, …)."
        elif growth.at is not None and growth.like not in likes:
            yield f"No design of the law_basis is like the {name} (“{growth.like}”): its quality has no law."
    for growth in growths:
        if growth is None or growth.at is None:
            yield "A design of the law_basis has no law to record: leave it out."
        elif len(growth.times) < FEWEST_SIZES or list(growth.times) != sorted(set(growth.times)):
            yield f"A law of quality needs {FEWEST_SIZES} rising sizes, the largest of which it has to predict."


def ablation_steps_name_options(case: Case) -> Iterator[str]:
    """The steps down from the ceiling set knobs to options that there are."""
    rungs = [rung for rung in case.ablation_steps if rung.ideal]
    if case.ablation_steps and len(rungs) < 2:
        yield "The way down from the ceiling needs two ablation steps or more, or none at all."
    for rung in rungs:
        for name, value in rung.values(case.Design()).items():
            if name not in knobs(case.Design) or value not in knobs(case.Design)[name].options:
                yield f"The ablation step “{rung.label}” sets “{name}” to {value!r}, which is no option of a knob."


def precompute_names_options(case: Case) -> Iterator[str]:
    """Serving online and from a batch job are two designs that the knobs can say."""
    ahead = case.precompute
    if ahead is None:
        return
    designs = [canonical(replace(case.Design(), **values)) for values in (ahead.online, ahead.batch) if values]
    if len(set(designs)) < 2:
        yield "What can be made ahead needs an online and a batch design that differ."
    elif ahead.keys(designs[1]) < 1:
        yield "One run of the job has to serve at least one key."


RULES: tuple[Rule, ...] = (
    files_are_there,
    files_have_the_common_names,
    knobs_are_explained,
    designs_are_canonical,
    checks_are_sentences,
    sources_are_told,
    published_figures_stand_beside_checks,
    charges_have_names,
    default_measures_facts,
    scaling_parts_are_in_the_design,
    quality_growth_has_laws,
    ablation_steps_name_options,
    precompute_names_options,
    *interview_lint.RULES,
)
