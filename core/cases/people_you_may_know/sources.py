"""Where the data, the methods and the published figures of people you may know come from."""

from __future__ import annotations

from core.contract.case import Published, Source

TRUST = Source(
    "PGP web of trust, Richters & Peixoto 2011",
    "39,796 keys and 197,141 pairs of which one signed the other, 1991 to 2009, from graph-tool's collection (public "
    "domain as Debian states). No names, addresses or key numbers: a person is a number with a top-level domain.",
    "data",
    "https://doi.org/10.1371/journal.pone.0018384",
)
COAUTHORS = Source(
    "Condensed-matter co-authorship, Newman 2001",
    "40,013 authors and 178,488 pairs, counted in 1999, 2003 and 2005, from the same collection. Names are dropped.",
    "data",
    "https://doi.org/10.1073/pnas.98.2.404",
)
CIRCLE = Source(
    "Small worlds, Watts & Strogatz 1998",
    "The drawn people know their neighbours on a circle and a few others; here strays keep both numbers of links.",
    "paper",
    "https://doi.org/10.1038/30918",
)
REWIRING = Source(
    "Maslov & Sneppen 2002",
    "Rewiring by swapping the ends of two links, which keeps everybody's number of links.",
    "paper",
    "https://doi.org/10.1126/science.1065103",
)
LINK_PREDICTION = Source(
    "The link-prediction problem, Liben-Nowell & Kleinberg 2007",
    "Common neighbours, Jaccard and Adamic-Adar on co-authorship graphs, split by time.",
    "paper",
    "https://doi.org/10.1002/asi.20591",
)
RESOURCE = Source(
    "Predicting missing links via local information, Zhou, Lü & Zhang 2009",
    "Resource allocation: a shared friend counts one over how many links that friend has.",
    "paper",
    "https://arxiv.org/abs/0901.0553",
)
NETMF = Source(
    "NetMF, Qiu et al. 2018",
    "DeepWalk and node2vec as the factorisation of one matrix.",
    "paper",
    "https://arxiv.org/abs/1710.02971",
)
SGC = Source(
    "Simplifying graph convolutional networks, Wu et al. 2019",
    "A graph network without its non-linearities.",
    "paper",
    "https://arxiv.org/abs/1902.07153",
)
LIGHTGCN = Source(
    "LightGCN, He et al. 2020",
    "Free vectors, averaged over layers of neighbours, learnt by ranking pairs.",
    "paper",
    "https://arxiv.org/abs/2002.02126",
)
OGB = Source(
    "OGB leaderboard, link property prediction",
    "ogbl-ppa, proteins: Hits@100 on the test set.",
    "documentation",
    "https://ogb.stanford.edu/docs/leader_linkprop/",
)
OGB_OLD = Source(
    "OGB leaderboard, deprecated",
    "ogbl-citation, papers: MRR on the test set; retired for a fault in its negatives, ogbl-citation2 follows it.",
    "documentation",
    "https://ogb.stanford.edu/docs/leader_deprecated/",
)
LIFESCI = Source(
    "awslabs/dgl-lifesci",
    "Another implementation of plain graph networks on ogbl-ppa.",
    "documentation",
    "https://github.com/awslabs/dgl-lifesci",
)
SOURCES = (
    TRUST, COAUTHORS, CIRCLE, REWIRING, LINK_PREDICTION, RESOURCE, NETMF, SGC, LIGHTGCN, OGB, OGB_OLD, LIFESCI,
)  # fmt: skip

PUBLISHED = (
    Published(
        "Counting, ogbl-ppa",
        "Hits@100: resource allocation 0.4933, without a parameter",
        OGB,
        "Check P1. Proteins, not people; another metric.",
    ),
    Published(
        "Counting, ogbl-ppa",
        "Hits@100: Adamic-Adar 0.3245, common neighbours 0.2765",
        OGB,
        "Check P1: the same order on our links. Proteins; another metric.",
        agrees=("P1",),
    ),
    Published(
        "Counting with a proposal set, ogbl-ppa",
        "Hits@100: resource allocation 0.5324",
        OGB,
        "Our candidate sources. Proteins; another metric.",
    ),
    Published(
        "Learning on counts, ogbl-ppa",
        "Hits@100: a small network on three counts 0.5062",
        OGB,
        "Our boosted trees on the same counts. Proteins; another metric.",
    ),
    Published(
        "Plain graph networks, ogbl-ppa",
        "Hits@100: GCN 0.1867, GraphSAGE 0.1655",
        OGB,
        "Check P5: counting beats them here too. Proteins; another metric.",
        agrees=("P5",),
    ),
    Published(
        "The same by others, ogbl-ppa",
        "Hits@100: GCN 0.213, GraphSAGE 0.0986, node2vec with GCN 0.258",
        LIFESCI,
        "Check P5. Proteins; another metric.",
        agrees=("P5",),
    ),
    Published(
        "Networks that look at pairs, ogbl-ppa",
        "Hits@100: SEAL 0.4880, Neural Common Neighbor 0.6119, SIEG 0.6322",
        OGB,
        "Not run here. Proteins; another metric.",
    ),
    Published(
        "Where networks win, ogbl-citation",
        "MRR: SEAL 0.8527, GCN 0.8456, GraphSAGE 0.8228",
        OGB_OLD,
        "The other half of check P5: it depends on the graph. Papers with words; a retired set.",
    ),
    Published(
        "Vectors on the same, ogbl-citation",
        "MRR: DeepWalk 0.8284, node2vec 0.5964, factorisation 0.5316",
        OGB_OLD,
        "Our walks and spectral vectors. Papers; a retired set.",
    ),
)
