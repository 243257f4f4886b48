"""What arrives with a request: one post, from its text to the words that are known."""

from __future__ import annotations

import numpy as np

from core.cases.harmful_content.data import Audience, Post, Posts, post_of
from core.datasets.mail_text import EXPLICIT
from core.datasets.mails import Mails

STANDS_FOR = {  # what a mark was before it was masked, so that reading a post has its work to do
    "[link]": "http://www.example.com/offer", "[email]": "someone@example.com", "[money]": "$1,000", "[percent]": "5%",
    "[phone]": "+1 555 123 4567", "[number]": "2002", "[foreign]": "\u4f60\u597d", "[name]": "Dear Jo",
    "[word]": "zyzzyva",
}  # fmt: skip


def timed_posts(mails: Mails, posts: Posts, crowd: Audience) -> list[Post]:
    """The posts of the timed requests."""
    rows = posts.test[crowd.timed]
    return [post_of(mails, posts, row) for row in rows]


def text_of(mails: Mails, post: Post) -> str:
    """The words of a post as a text to read, with something in each mark's place; explicit words left out."""
    words = (mails.vocabulary[i] for i in (*post.subject.tolist(), *post.body.tolist()))
    return " ".join(STANDS_FOR.get(word, word) for word in words if not word.startswith(EXPLICIT))


def numbers(words: list[str], at: dict[str, int]) -> np.ndarray:
    """Known words as numbers into the vocabulary."""
    return np.array([at[word] for word in words], np.uint16)
