"""How settings are tried: the constants that stand, and validation splits that no page's test queries are in."""

import json
from importlib import import_module

import numpy as np
import pytest

from core.analysis.tuning_record import recorded_tuning, tuning_line
from core.cases.street_view_blurring.data.photos import N_TRAIN_PEOPLE, load_photos
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.pipeline import stages as film_stages
from core.cases.visual_search.data import load_world
from core.catalog import BY_SLUG
from core.datasets.street import load_street
from core.stages import contrastive
from data.make.tuning import CASES
from data.make.tuning_cases import street_view_blurring, video_search, visual_search
from data.make.tuning_cases.settings import SETTINGS, TEST_SEEDS, settings_of, standing


def tuned(slug):
    return import_module(f"data.make.tuning_cases.{slug}").TUNED


@pytest.mark.parametrize("slug", CASES)
def test_the_record_of_a_case_is_of_the_settings_its_models_have_today(slug):
    case, record = tuned(slug), recorded_tuning()[slug]
    settings = {model: json.loads(json.dumps(settings_of(constants))) for model, constants in case.models.items()}
    assert {model.model: list(model.settings) for model in record.models} == settings, f"data.make.tuning {slug}"
    assert {model.model: model.reduced for model in record.models if model.reduced} == dict(case.reduced)
    assert (record.split, record.untuned) == (case.split, tuple(case.untuned))
    assert record.split in tuning_line(BY_SLUG[slug])


def test_settings_begin_with_the_one_in_use_and_no_two_are_alike():
    settings = settings_of((visual_search.RATE, visual_search.STEPS))
    assert settings[0] == {"learning_rate": contrastive.LEARNING_RATE, "steps": contrastive.STEPS}
    assert len({tuple(setting.items()) for setting in settings}) == SETTINGS


def test_a_setting_stands_inside_the_block_alone():
    inputs = np.random.default_rng(0).normal(size=(64, 12)).astype(np.float32)

    def trained():
        return contrastive.train_contrastive(inputs, np.arange(64) // 4, dim=4, seed=0)

    before, constants = trained(), (visual_search.RATE, visual_search.HIDDEN)
    with standing(constants, {"learning_rate": 0.02, "hidden": 7}):
        inside = trained()
    assert inside.hidden.shape[1] == 7 and not np.array_equal(inside.linear, before.linear)
    assert np.array_equal(trained().linear, before.linear)


def test_things_that_choose_a_setting_of_visual_search_neither_train_it_nor_are_asked_for_on_the_page():
    held_out, world = visual_search.held_out(), load_world("drawings", 10_000, 16, visual_search.SEED)
    asked = held_out.query_thing
    assert len(asked) > 250 and len(held_out.queries) == len(asked)
    assert not np.isin(asked, held_out.train_labels).any() and not np.isin(asked, world.query_thing).any()
    pictured = set(zip(world.corpus_thing.tolist(), world.corpus_kind.tolist(), strict=True))
    assert set(zip(asked.tolist(), held_out.query_kind.tolist(), strict=True)) <= pictured


def test_films_that_choose_a_setting_of_video_search_are_asked_for_by_no_test_seed():
    queries, rows = video_search.new_queries()
    wanted = np.concatenate([queries.right[row] for row in rows])
    assert len(wanted) > 300
    for seed in TEST_SEEDS:
        tested = film_stages(VideoSearch(), seed)["queries"].value
        assert not np.isin(wanted, np.concatenate(tested.right)).any()


def test_people_and_places_that_choose_a_setting_of_street_view_are_not_of_the_test_split():
    street, inner = load_street(), street_view_blurring.inner_street()
    testing = {face.tobytes() for face in street.faces[street.people >= N_TRAIN_PEOPLE]}
    assert not testing & {face.tobytes() for face in inner.faces}
    judged = inner.people >= N_TRAIN_PEOPLE
    assert len(np.unique(inner.people[judged])) == 3 and len(np.unique(inner.people[~judged])) == 9
    seen = {split: load_photos(inner, split, 0.5, "mixed", "day", 0.0, 0).place for split in ("train", "test")}
    assert (max(seen["train"]) < 8, max(seen["test"]) < 12, len(inner.scenes)) == (True, True, 20)
