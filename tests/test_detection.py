"""Detection metrics: worked out by hand, and agreement with OpenCV and scikit-learn."""

import numpy as np
import pytest

from core.metrics import detection

SQUARE = [0, 0, 10, 10]


def test_overlap_by_hand():
    half, apart, point = [0, 0, 10, 5], [20, 20, 30, 30], [5, 5, 5, 5]
    others = np.array([SQUARE, half, [5, 0, 15, 10], apart, point], float)
    over = detection.intersection_over_union(np.array([SQUARE], float), others)
    np.testing.assert_allclose(over, [[1, 0.5, 1 / 3, 0, 0]])


@pytest.mark.parametrize("n", [40, 80])  # below and above the number that is compared all with all
def test_suppression_agrees_with_opencv(n):
    import cv2

    rng = np.random.default_rng(0)
    corner, size = rng.uniform(0, 100, (n, 2)), rng.uniform(10, 40, (n, 2))
    boxes, scores = np.concatenate([corner, corner + size], axis=1), (1 + rng.permutation(n)) / n
    kept = detection.non_maximum_suppression(boxes, scores, np.zeros(n, int), 0.3)
    expected = cv2.dnn.NMSBoxes(np.concatenate([corner, size], axis=1).tolist(), scores.tolist(), 0.0, 0.3)
    assert kept.tolist() == np.ravel(expected).tolist()


@pytest.mark.parametrize("n", [40, 80])
def test_boxes_of_other_groups_are_left_alone(n):
    boxes, scores = np.tile(np.array(SQUARE, float), (n, 1)), np.linspace(0, 1, n)
    kept = detection.non_maximum_suppression(boxes, scores, np.arange(n) % 4, 0.5)
    assert kept.tolist() == [n - 4, n - 3, n - 2, n - 1]


def test_no_boxes_stay_no_boxes():
    none = np.zeros(0)
    assert len(detection.non_maximum_suppression(np.zeros((0, 4)), none, none.astype(int), 0.5)) == 0


def test_each_object_is_hit_once_by_the_best_box_of_its_group():
    objects, object_groups = np.array([SQUARE, [30, 0, 40, 10]], float), np.array([0, 0])
    boxes = np.array([[0, 0, 10, 8], SQUARE, [30, 0, 40, 10], SQUARE, [31, 0, 41, 10]], float)
    score, groups = np.array([0.5, 0.9, 0.8, 0.9, 0.3]), np.array([0, 0, 1, 2, 0])
    assert detection.match(boxes, score, groups, objects, object_groups, 0.5).tolist() == [-1, 0, -1, -1, 1]


def test_average_precision_by_hand():
    """Of three objects the first and third box hit one each: precision 1 and 2/3 at recall 1/3 and 2/3."""
    area = detection.average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 3)
    assert area == pytest.approx((1 + 2 / 3) / 3)
    assert detection.average_precision(np.array([]), np.array([], bool), 3) == 0
    assert detection.average_precision(np.array([0.5]), np.array([True]), 0) == 0


def test_average_precision_agrees_with_scikit_learn_where_precision_never_rises():
    from sklearn.metrics import average_precision_score

    right = np.array([True] * 6 + [False] * 3 + [True] + [False] * 10)
    score = np.linspace(1, 0, len(right))
    ours = detection.average_precision(score, right, int(right.sum()))
    assert ours == pytest.approx(average_precision_score(right, score))


def test_contributions_of_photos_average_to_the_figure_itself():
    rng = np.random.default_rng(0)
    photo, score, right = rng.integers(0, 20, 60), rng.random(60), rng.random(60) < 0.5
    n_objects = np.bincount(photo[right], minlength=20) + 1
    by_photo = detection.average_precision_by_photo(photo, score, right, n_objects)
    assert len(by_photo) == 20
    assert by_photo.mean() == pytest.approx(detection.average_precision(score, right, int(n_objects.sum())))


def test_shuffling_boxes_of_equal_scores_leaves_average_precision():
    rng = np.random.default_rng(0)
    photo, score, right = rng.integers(0, 20, 60), rng.integers(0, 5, 60) / 5, rng.random(60) < 0.5
    n_objects = np.bincount(photo[right], minlength=20) + 1
    at = rng.permutation(60)
    area, by_photo = detection.average_precision, detection.average_precision_by_photo
    assert area(score, right, 40) == area(score[at], right[at], 40)
    shuffled = by_photo(photo[at], score[at], right[at], n_objects)
    assert np.array_equal(by_photo(photo, score, right, n_objects), shuffled)
    assert area(np.ones(4), np.array([True, False, False, False]), 1) == 0.25  # no threshold takes the first alone


def test_what_photos_add_to_the_recall_at_a_budget_is_what_a_photo_more_or_less_moves():
    """One photo in ten thousand counts double: recall moves by its part, false boxes by the slope of recall."""
    rng = np.random.default_rng(0)
    n, budget = 10_000, 0.5
    of, wrong_of = np.arange(2 * n) // 2, rng.integers(0, n, 2 * n)
    reached, wrong = rng.normal(1.0, 1, 2 * n), rng.normal(0.0, 1, 2 * n)
    by_photo = detection.recall_at_budget_by_photo(reached, of, wrong, wrong_of, n, budget)
    threshold = detection.threshold_at_budget(wrong, int(budget * n))
    assert by_photo.mean() == pytest.approx((reached > threshold).mean())
    assert (wrong > threshold).sum() == budget * n
    # scores are 1 + N(0, 1) and N(0, 1), two of either a photo: the slope is minus half the ratio of the densities
    false = np.bincount(wrong_of[wrong > threshold], minlength=n)
    hits = np.bincount(of, reached > threshold, n)
    slope = np.polynomial.Polynomial.fit(false[hits == 2], by_photo[hits == 2], 1).convert().coef[1]
    assert slope == pytest.approx(-np.exp(threshold - 0.5) / 2, rel=0.1)


def test_a_budget_that_nothing_reaches_moves_no_threshold():
    reached, of = np.array([0.9, -1.0]), np.array([0, 1])
    by_photo = detection.recall_at_budget_by_photo(reached, of, np.array([0.5]), np.array([1]), 2, 0.9)
    assert by_photo.tolist() == [1.0, 0.0]
