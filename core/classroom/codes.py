"""The code of a class, which is read out and typed, and the secrets that stand in links."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is taken for something else: no 0, 1, I, L, O, U
LETTERS, GROUP = 9, 3  # 30 letters nine times over are 44 bits
SECRET_BYTES = 16


def new_code() -> str:
    """A code of a class; it cannot be guessed."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))


def read_code(text: str) -> str:
    """The code in what was typed: spaces, dashes and small letters do not matter; empty where it can be none."""
    code = "".join(text[:80].split()).replace("-", "").upper()
    return code if len(code) == LETTERS and set(code) <= set(ALPHABET) else ""


def shown(code: str) -> str:
    """The code as it is read out: 4KM-Q7R-2XB."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def new_secret() -> str:
    """The secret of a link, of 128 bits."""
    return secrets.token_hex(SECRET_BYTES)


def hashed(secret: str) -> str:
    """What is stored of a secret. It is random and long, so that one round of a hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(secret: str, stored: str) -> bool:
    """Whether a secret is the one that was stored, in the same time whatever they share."""
    return hmac.compare_digest(hashed(secret), stored)
