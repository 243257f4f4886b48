"""Harmful content detection: the order of the page and its words."""

from core.cases.harmful_content.serve.typed import walk_typed
from core.catalog import BY_SLUG
from core.ui.case import first_screen, parts, tabs
from core.ui.panels import moderation

ABOUT = """
A post meets a list of known harm, a model, a threshold above which the machine removes it, and a lower one above which
people look at it. The pipeline learns from up to 1,800 real e-mails, judges the 3,465 that came after 14 August 2002,
and is timed on 1,000 of them.

- **Real.** 6,046 e-mails of 2001 and 2002 that people sorted into wanted and unwanted: words, counts of links, markup
  and route, labels and times. Unwanted mail stands in for harm: scams, adult offers and tricks, not hate or violence.
  Of the judged messages 519 are harmful, and weights make them as rare as the prevalence dial says.
- **By rule.** The kinds of harm: a scam has four words of money or more, an adult offer two of its words, and what is
  like malware hides where a link leads, runs a script or brings a program.
- **Simulated.** Views of a post, reviewers (who are taken to be right), wrong labels from user reports, other teams'
  tasks, and the pictures of the dial: each is harmless, and so is the text, but half of the combinations are not.
- **Masked.** Names, addresses, numbers, hosts and words that fewer than three messages use were taken out before the
  data came here. What you type is judged on this server, shown to you alone and not kept.
- **Left out.** MiniLM before every post: it takes about 10 ms, so it stands behind a first pass or runs later. Images
  and video: no set of them was found that may be handed on.
"""

page = first_screen.draw(BY_SLUG["harmful_content"], moderation.one_request)
tabs.show(
    page,
    {
        "Examples": (
            parts.told("One message on its way", "", lambda run: moderation.walks(run, walk_typed)),
            parts.told("What becomes of a thousand posts", "", moderation.outcomes),
            parts.told(
                "The review queue",
                "What is neither surely harmful nor surely harmless is queued. Fewer reviewers, or another review "
                "priority, and other posts stay unread.",
                moderation.queue,
            ),
        ),
        "Metrics": (parts.all_metrics, parts.history, parts.seven_steps),
        "Designs": (parts.all_designs,),
        "SLO & cost": (
            parts.slo,
            parts.bill,
            parts.told(
                "Machines, people and harm",
                "At the load and the prices that this page opens with, reviewers' pay and harm that is seen cost far "
                "more than machines.",
            ),
        ),
        "Quality loss": (
            parts.told(
                "Precision against recall",
                "How many finds are right, against how much harm is found. Lower the prevalence: the order of the "
                "posts stays the same, and the precision falls.",
                moderation.precision_recall,
            ),
            parts.told("Harm categories", "", moderation.kinds),
            parts.ablation,
            parts.sensitivity,
        ),
        "Scale": (parts.extrapolation, parts.crossover, parts.batch_vs_online),
        "Load & failure": (parts.load_curve,),
        "Pipeline": (parts.strip,),
        "Architecture": (parts.drawing,),
    },
    ABOUT,
)
