"""Street View blurring: the order of the page and its words."""

from core.cases.street_view_blurring.evaluate import best_threshold
from core.cases.street_view_blurring.serve.blur import blur
from core.cases.street_view_blurring.serve.picture_file import TYPES, PhotoRefused
from core.cases.street_view_blurring.serve.upload import try_photo
from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, tabs
from core.ui.panels import blurring, own_photo

ABOUT = (
    "The pipeline runs over 100 photos of 192 × 192 pixels. The faces are real, old portraits of 30 people; the places "
    "are real photos, more woods and rooms than streets; the licence plates are drawn. They were put together here, so "
    "every box is known, and all are grey, as the portraits are. One request is one such photo, from its pixels to its "
    "blurred copy; a thousand of them are timed."
)
ENDINGS = [ending for endings in TYPES.values() for ending in endings]

page = first_screen.draw(BY_SLUG["street_view_blurring"], blurring.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told(
                "What was found, what was missed",
                "A missed face is a breach of privacy, a false blur only a blemish.",
                lambda run: blurring.photos(run, blur),
            ),
            parts.told("Who is missed", "", blurring.sizes),
            parts.told(
                "Try a photo of your own", "", lambda run: own_photo.own_photo(run, try_photo, ENDINGS, PhotoRefused)
            ),
        ),
        "Metrics": (parts.all_metrics, parts.history, parts.seven_steps),
        "Designs": (parts.all_designs,),
        "SLO & cost": (
            parts.slo,
            parts.bill,
            parts.told(
                "The threshold by what a miss costs",
                "Say how many false positives one miss is worth, and the best threshold follows from the errors "
                "measured above.",
                lambda run: blurring.price(run, best_threshold),
            ),
            parts.told(
                "A million photos",
                "Nobody waits for a street photo: the price of the backlog counts, and the days until it is done.",
                blurring.million,
            ),
        ),
        "Quality loss": (parts.ablation, parts.sensitivity),
        "Scale": (parts.extrapolation, parts.crossover, parts.batch_vs_online),
        "Load & failure": (parts.load_curve,),
        "Pipeline": (parts.strip,),
        "Architecture": (parts.drawing,),
    },
    ABOUT,
)
