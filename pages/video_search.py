"""Video search: the order of the page and its words."""

from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, tabs
from core.ui.panels import film_strips

ABOUT = """
Each query looks for one video. Two retrievers search for it: an inverted index of **words** (title, tags, people)
and an index of **vectors** (what the frames show, or what a film is about). 1,000 queries are answered and timed, over
2,000 clips or 17,472 films.

- **Films.** Real records. *Exact*: title and a last name. *Partial*: one word of the title, a genre, a first name.
  *Paraphrased*: title, genre, country and decade in other words (WordNet), looser than a person would put it.
- **Clips.** 2,000 clips of 8 to 16 frames in one to three shots. Each shot shows one of 968 emoji on a straight path,
  with crop and noise. Frames are recognised by what was learned from one artist's drawings; the clips show another
  artist's. About a fifth of the clips play another clip in reverse, so that order can be asked for.
- **Metadata.** Names of the things shown, in any order, and two tags each; the dials take them away or swap them.
- **Queries for clips.** *Exact*: the names. *Partial*: one word of each. *Paraphrased*: words kept back from the
  clip's metadata and from all training. *About order*: “this then that”.
- **Left out.** MiniLM in 32 bits takes about 13 ms a query: 1,000 timed queries would take longer than this page allows
  a design. The 8-bit network used here agrees with it to a mean cosine of .992. No weights of a cross-encoder can be
  had, so the re-rank is late interaction over word pieces and frames. Queries are in English only.
"""

page = first_screen.draw(BY_SLUG["video_search"], film_strips.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told("Example results, and which retriever found them", "", film_strips.questions),
            parts.told("Quality by kind of query", "", film_strips.segments),
        ),
        "Metrics": (parts.all_metrics, parts.history, parts.seven_steps),
        "Designs": (parts.all_designs,),
        "SLO & cost": (parts.slo, parts.bill),
        "Quality loss": (parts.ablation, parts.sensitivity),
        "Scale": (parts.extrapolation, parts.crossover, parts.batch_vs_online),
        "Load & failure": (
            parts.told("Two retrievers, in sequence or in parallel", "", film_strips.compositions),
            parts.load_curve,
        ),
        "Pipeline": (parts.strip,),
        "Architecture": (parts.drawing,),
    },
    ABOUT,
    sources=(film_strips.note,),
)
