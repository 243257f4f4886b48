"""What an interviewer asks about Street View blurring at each of the seven steps, and the true boxes of its photos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.paint import KINDS
from core.cases.street_view_blurring.run import stages
from core.cases.street_view_blurring.sources import GOOGLE, PLATES, PYVISION, VIOLA, VOC
from core.cases.street_view_blurring.world import N_TRAIN_PEOPLE, PHOTO_PX, Photos
from core.contract.design import canonical
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "What must be blurred: faces and plates, or whole people and house numbers too?",
            "What is a miss worth against a blur for nothing?",
            "Must a photo be safe before anybody sees it, or within a day?",
            "How large is the backlog, and in how many days must it be done?",
            "Can somebody ask for a blur by hand?",
        ),
        decision="Which miss is allowed at which price, and before or after a photo is published?",
        knobs=("serving", "refresh_h", "threshold"),
        remarks=(
            Claim("Google reported more than 89 % of faces and 94 to 96 % of plates blurred in 2009.", GOOGLE.title),
            Claim("The dearer a miss, the lower the best threshold.", "B6"),
            Claim("A lower threshold never finds less.", "B1"),
        ),
        pitfalls=(
            "Precision and recall weighed alike: a miss is a person shown, a false blur is a smudge.",
            "The unblurred photo kept where more people can read it than need to.",
            "A photo published before the job has reached it.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "What is one example: a photo, a window of it, or a box?",
            "When is a box right, and how much must it overlap?",
            "One stage, or a careless first stage and a second look?",
            "Why detection and not a mask for every pixel?",
        ),
        decision="One pass over the photo, windows one by one, or a detector with a second look?",
        knobs=("faces", "plates", "verify"),
        remarks=(
            Claim("A second look finds nothing that the first missed.", "B5"),
            Claim("Half an overlap counts as a hit in the PASCAL challenge.", VOC.title),
            Claim("A cascade spends next to nothing on most windows.", VIOLA.title),
        ),
        pitfalls=(
            "Photos classified instead of boxes: nothing tells what to blur.",
            "A strict overlap asked for where a blur may be larger than the face.",
            "Faces and plates averaged before either is good enough.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "Who draws the boxes, and what do they do with a face of ten pixels?",
            "May the photos be used for training at all, and who may look at them?",
            "How do you split, when a car passes the same street twice?",
            "Which places, lights and plate formats are missing?",
            "Where do hard negatives come from?",
        ),
        decision="Which photos teach, who labels them, and what is split: photos, streets or people?",
        knobs=("object_size", "light", "crowd", "repeats"),
        remarks=(
            Claim("What is found by day is missed by night.", "L1"),
            Claim("The faces are 173 portraits of 30 people, put into photos without faces.", PYVISION.title),
            Claim("The plates have five formats in invented letters and are drawn by this program.", PLATES.title),
        ),
        pitfalls=(
            "The same person or the same street in training and test.",
            "Pasted faces whose edges give them away.",
            "One country's plates alone.",
            "Boxes of labellers who stop at what is easy to see.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "How fine must a photo be read to find a face of 16 pixels?",
            "What do tiles cost, and what do they find?",
            "Would you teach a small network on such photos or take a large one from elsewhere?",
            "What does 8-bit arithmetic lose first?",
        ),
        decision="Which detector, read how finely, in which numbers?",
        knobs=("faces", "plates", "px", "tiles", "precision"),
        remarks=(
            Claim("Reading twice as finely finds more of what is small.", "B4"),
            Claim("Reading twice as finely is exactly four times the work.", "B4b"),
            Claim("What 8 bits lose is small things first.", "B8c"),
        ),
        pitfalls=(
            "A detector for portraits set on small faces in a street.",
            "Photos reduced before the search, so that far faces are gone.",
            "A face on the seam of two tiles found by neither.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Average precision or recall at a budget of false blurs: which one decides?",
            "How do you choose the threshold if you can say what a miss costs?",
            "How do you set the overlap from which two boxes are one thing?",
            "Would more photos with known boxes still make the second look better?",
            "For whom is recall lower, and how would you know?",
        ),
        decision="Which threshold and which overlap, chosen on which photos and by which price?",
        knobs=("threshold", "nms", "verify", "learnt_from"),
        remarks=(
            Claim("A second look that learnt from four times the photos refuses fewer faces and plates.", "B5d"),
            Claim("In a crowd neither a low nor a high overlap for doubles is best.", "B3"),
            Claim("At a low threshold a second look removes false blurs.", "B5c"),
        ),
        pitfalls=(
            "A threshold chosen on the test photos.",
            "One recall for all sizes: near faces hide the far ones.",
            "The second look fitted on boxes that the first stage learnt from.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "On upload or as a backlog: what differs in cost and in risk?",
            "How many photos go through the network together?",
            "The car stands at a light for a minute: do you search every photo?",
            "What is stored, and can a blur be taken back?",
        ),
        decision="Detect on upload, work off a backlog, or both; and which photos are skipped?",
        knobs=("serving", "refresh_h", "batch", "skip"),
        remarks=(
            Claim("A few photos together go faster than one by one; many gain little more.", "B7"),
            Claim("Skipping repeats saves exactly the photos skipped.", "S1"),
            Claim("Skipping loosely misses who walked in meanwhile.", "S1b"),
        ),
        pitfalls=(
            "A photo served without boxes because the job has not seen it.",
            "Boxes of one size applied to a photo of another.",
            "A blur that can be undone by sharpening.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "Nobody labels the live photos: how do you estimate the misses?",
            "How many photos must be looked through each day to notice that recall fell by a point?",
            "Requests for a blur by hand double in one city: what do you check first?",
            "A new car has another camera: what changes?",
        ),
        decision="How many photos are looked through by people, and which number stops a rollout?",
        knobs=("threshold", "refresh_h", "light"),
        remarks=(
            Claim("With new photos every day, an older backlog run leaves more open.", "G12"),
            Claim("A low overlap in a crowd merges neighbours, and one stays open.", "B3b"),
            Claim("Of a photo that the run knew, stored boxes equal fresh ones.", "G12b"),
        ),
        pitfalls=(
            "Requests by hand as the only measure: few people ever see their photo.",
            "Winter light read as a worse model.",
            "Audits of photos with boxes alone, which never show a miss.",
        ),
    ),
}  # fmt: skip


def _framed(label: str, words: str, **choices: str) -> Framing:
    return Framing(label, words, lambda design: canonical(replace(design, **choices)))


FRAMINGS = (
    _framed(
        "One pass of a network",
        "In: a photo. Out: boxes with a kind and a score from one look at the whole; focal loss for middles, "
        "absolute error for sizes.",
        faces="streetnet", plates="streetnet", verify="off",
    ),
    _framed(
        "A pass, then a second look",
        "The same, and each box over the threshold goes to a small machine at full size that keeps or refuses it.",
        faces="streetnet", plates="streetnet", verify="strict",
    ),
    _framed(
        "Windows one by one",
        "In: each window of the photo at each size. Out: yes or no from a linear machine over gradients; a margin "
        "loss.",
        faces="hog", plates="hog", verify="off",
    ),
)  # fmt: skip
GREY = "grey of the photo"


def sample(design: StreetViewBlurring, seed: int) -> Sample:
    """The true boxes in the photos that are judged, in the order in which the photos were taken."""
    steps = stages(design, seed)
    photos, training = steps["photos"].value, steps["training"].value
    grey = photos.pixels.mean(axis=(1, 2))
    return Sample(
        rows=tuple(_row(photos, grey[photos.of[thing]], thing) for thing in range(min(SHOWN, len(photos.of)))),
        columns=(
            Column("thing", "int", 0, unique=True),
            Column("photo", "int", 0, len(photos.pixels) - 1),
            Column("kind", "str", allowed=KINDS),
            Column("left", "float", 0.0, PHOTO_PX - 1),
            Column("top", "float", 0.0, PHOTO_PX - 1),
            Column("width", "float", 2.0, PHOTO_PX * 0.6),
            Column("height", "float", 2.0, PHOTO_PX * 0.5),
            Column(GREY, "float", 5.0, 250.0),
        ),
        split={
            "photos that teach": len(training.pixels),
            "photos judged": len(photos.pixels),
            "faces and plates judged": len(photos.of),
        },
        labels="Every box is known, because faces and plates were put into photos that had none.",
        leakage=f"{N_TRAIN_PEOPLE} people and two scenes in five teach; nobody and no scene of theirs is judged.",
        spoil=spoil,
    )


def _row(photos: Photos, grey: float, thing: int) -> dict[str, Any]:
    left, top, right, bottom = (float(each) for each in photos.box[thing])
    return {
        "thing": thing, "photo": int(photos.of[thing]), "kind": KINDS[photos.kind[thing]], "left": left, "top": top,
        "width": right - left, "height": bottom - top, GREY: float(grey),
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: boxes as shares of the photo, corners swapped, a kind unknown."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row["width"], row["height"] = row["width"] / PHOTO_PX, row["height"] / PHOTO_PX
    for row in spoilt[1::6]:
        row["height"] = -row["height"]
    for row in spoilt[2::6]:
        row["kind"] = "person"
    for row in spoilt[3::6]:
        row["left"] = None
    for row in spoilt[4::6]:
        row[GREY] = 0.0
    return [*spoilt, *(dict(row) for row in spoilt[5::12])]


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="false_blurs", curve_knob="learnt_from")
