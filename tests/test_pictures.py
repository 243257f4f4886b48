"""Pictures that several designs show are kept once."""

import numpy as np
import pytest

from core.catalog import BY_SLUG
from core.contract.answer import Answer, Item
from core.runtime.calls import run_design
from core.runtime.pictures import DISTINCT, kept_bytes, shared
from core.runtime.sweep import shared_spread


def answer(value):
    pixels = np.full((8, 8, 3), value, np.uint8)
    return Answer(Item(pixels, "query"), (Item(pixels + 1, "near", True), None), (Item(pixels + 2, "far"),))


def test_equal_pictures_of_two_designs_become_one_and_all_else_stays():
    one, other = shared((answer(1),)), shared((answer(1),))
    assert other[0].query.pixels is one[0].query.pixels and other[0].exact[0].pixels is one[0].exact[0].pixels
    assert (other[0].exact[0].name, other[0].exact[0].right, other[0].exact[1]) == ("near", True, None)
    assert shared((answer(9),))[0].query.pixels[0, 0, 0] == 9


def test_what_is_no_answer_with_pictures_is_handed_on():
    for shown in (None, "a picture", (1, 2), ()):
        assert shared(shown) is shown
    assert kept_bytes("a picture") > 0


@pytest.mark.slow
def test_the_designs_of_a_sweep_share_most_of_their_pictures():
    case = BY_SLUG["visual_search"]
    shown = [shared(run_design(case, design, 0).shown) for design in shared_spread(case.Design(), 20)]
    pictures = [
        item.pixels for answers in shown for one in answers for item in (one.query, *one.exact, *one.served) if item
    ]
    distinct = {id(pixels): pixels.nbytes for pixels in pictures}
    assert sum(distinct.values()) <= DISTINCT * sum(pixels.nbytes for pixels in pictures)
