import sys

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from core.stages import embed
from core.stages.contrastive import (
    PAIRS,
    apply_network,
    info_nce,
    noisy_labels,
    pairs_of_a_label,
    train_contrastive,
    unit,
)
from core.stages.embed import (
    ENCODERS,
    REDUCERS,
    colour_histogram,
    encode,
    fit_encoder,
    fit_reducer,
    gradient_histograms,
    principal_axes,
    reduce,
)
from core.stages.textures import textures

WIDTHS = {"pixels": (784, 768), "pca": (128, 128), "hog": (441, 768), "contrastive": (128, 128)}
BRIEF = {"steps": 5}  # of training, where only shapes and repeatability matter


def drawn(n=300, colour=False, seed=0):
    """Images of ten classes, (n, 28, 28, 1) or (n, 32, 32, 3), and their classes."""
    images, labels = textures(n, 10, 16, 1.0, seed)
    if not colour:
        return images, labels
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    return np.concatenate([padded, 255 - padded, padded // 2], axis=3), labels


def same_class(vectors, labels):
    """Precision@10 of each vector against all the others."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -2)
    nearest = np.argsort(-similarity, axis=1)[:, :10]
    return (labels[nearest] == labels[:, None]).mean()


# Encoders.


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_gives_unit_float32_rows_and_one_image_alone_its_row_of_many(name, colour):
    images, labels = drawn(colour=colour)
    model = fit_encoder(images, labels, encoder=name, seed=0, **BRIEF)
    vectors = encode(model, images, encoder=name)
    assert vectors.shape == (300, WIDTHS[name][colour]) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for i in (0, 299):  # in the first and in the second chunk
        np.testing.assert_allclose(encode(model, images[i : i + 1], encoder=name)[0], vectors[i], atol=2e-6)


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_repeats_to_the_bit_and_leaves_its_images_alone(name):
    images, labels = drawn()
    images.flags.writeable = labels.flags.writeable = False  # as the memo hands them out
    first, second = (
        encode(fit_encoder(images, labels, encoder=name, seed=3, **BRIEF), images, encoder=name) for _ in range(2)
    )
    assert np.array_equal(first, second)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_blank_image_has_a_finite_vector(name, grey, colour):
    images, labels = drawn(colour=colour)
    model = fit_encoder(images, labels, encoder=name, seed=0, **BRIEF)
    assert np.isfinite(encode(model, np.full_like(images[:2], grey), encoder=name)).all()


@pytest.mark.parametrize("name", ENCODERS)
def test_an_encoder_fitted_to_blank_images_gives_finite_vectors(name):
    images, labels = drawn(20)
    model = fit_encoder(np.zeros_like(images), labels, encoder=name, seed=0, **BRIEF)
    assert np.isfinite(encode(model, images, encoder=name)).all()
    assert not encode(model, np.zeros_like(images), encoder=name)[:, :1].any()  # nothing to tell them by


def test_encoding_with_a_trained_network_needs_no_torch(monkeypatch):
    images, labels = drawn()
    model = fit_encoder(images, labels, encoder="contrastive", seed=0, **BRIEF)
    monkeypatch.setitem(sys.modules, "torch", None)  # an import of it now raises ImportError
    assert encode(model, images, encoder="contrastive").shape == (300, 128)


def test_an_unknown_encoder_and_images_of_another_kind_are_refused():
    images, labels = drawn(20)
    with pytest.raises(ValueError, match="choose one of pixels"):
        fit_encoder(images, labels, encoder="vit", seed=0)
    for bad in (images / 255, images[..., 0], np.repeat(images, 2, axis=3), images[:0]):
        with pytest.raises(ValueError, match="images must be uint8"):
            fit_encoder(bad, labels, encoder="pixels", seed=0)


# The descriptor, by hand.


def test_a_ramp_to_the_right_has_all_its_gradient_in_the_first_bin():
    ramp = np.tile(np.arange(8, dtype=np.uint8) * 10, (8, 1))
    histogram = gradient_histograms(ramp[None])[0]
    assert histogram.shape == (2, 2, 8) and not histogram[..., 1:].any()
    assert (histogram[..., 0] == 12 * 20).all()  # 4 rows by 3 columns with both neighbours, each 20 brighter or darker


@pytest.mark.parametrize(
    ("ramp", "direction"),
    [
        (np.add.outer(np.zeros(8), np.arange(8)), 0),  # brighter to the right
        (np.add.outer(np.arange(8), np.arange(8)), 2),  # down and to the right: 45°
        (np.add.outer(np.arange(8), np.zeros(8)), 4),  # down: 90°
        (np.add.outer(np.arange(8), -np.arange(8)) + 7, 6),  # down and to the left: 135°
    ],
)
def test_the_bin_is_the_direction_of_the_gradient_without_its_sign(ramp, direction):
    image = (ramp * 10).astype(np.uint8)[None]
    inner = [gradient_histograms(each)[0].sum(axis=(0, 1)) for each in (image, 200 - image)]
    assert inner[0].argmax() == inner[1].argmax() == direction
    np.testing.assert_array_equal(*inner)


def test_a_cell_keeps_its_gradients_to_itself():
    image = np.zeros((1, 8, 8), np.uint8)
    image[0, 1, 1] = 100  # its neighbours to the left, right, above and below see a difference of 100
    assert gradient_histograms(image)[0].sum(axis=2).tolist() == [[200, 0], [0, 0]]  # two of them lie on the border


def test_colours_are_counted_in_quarters_of_each_channel():
    image = np.zeros((1, 2, 2, 3), np.uint8)
    image[0, 0, 0], image[0, 0, 1] = (255, 0, 64), (255, 63, 127)
    histogram = colour_histogram(image)[0]
    assert histogram[3 * 16 + 1] == 0.5 and histogram[0] == 0.5 and histogram.sum() == 1


def test_shrinking_takes_the_mean_of_each_square():
    image = np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1)
    assert embed._pooled(image, 2)[0, ..., 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert embed._pooled(np.full((1, 4, 4, 3), 255, np.uint8), 4).tolist() == [[[[255, 255, 255]]]]


# Reductions.


def test_principal_axes_agree_with_scikit_learn_up_to_sign():
    vectors = unit(textures(200, 10, 8, 1.0, 0)[0].reshape(200, -1)[:, :60])
    ours, theirs = principal_axes(vectors, 6), PCA(6, svd_solver="full").fit(vectors)
    np.testing.assert_allclose(np.abs(ours.matrix.T @ theirs.components_.T), np.eye(6), atol=1e-3)
    spread = (vectors - ours.mean) @ principal_axes(vectors, 6, whiten=1.0).matrix
    np.testing.assert_allclose(spread.T @ spread / len(spread), np.eye(6), atol=1e-3)


@pytest.mark.parametrize("dim", [1, 8, 441])
@pytest.mark.parametrize("kind", REDUCERS)
def test_every_reduction_gives_unit_rows_of_the_size_asked_for(kind, dim):
    images, labels = drawn()
    vectors = encode(fit_encoder(images, labels, encoder="hog", seed=0), images, encoder="hog")
    short = reduce(fit_reducer(vectors, labels, kind=kind, dim=dim, seed=0, **BRIEF), vectors)
    assert short.shape == (300, dim) and short.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(short, axis=1), 1, atol=1e-5)


def test_truncating_to_the_full_width_changes_nothing_and_to_fewer_keeps_the_first():
    vectors = unit(np.random.default_rng(0).normal(size=(20, 12)))
    labels = np.zeros(20, int)
    full, half = (fit_reducer(vectors, labels, kind="truncate", dim=d, seed=0) for d in (12, 6))
    np.testing.assert_allclose(reduce(full, vectors), vectors, atol=1e-6)
    np.testing.assert_allclose(reduce(half, vectors), unit(vectors[:, :6]), atol=1e-6)


def test_a_reduction_to_more_than_the_width_to_nothing_or_of_no_known_kind_is_refused():
    vectors, labels = np.eye(4, dtype=np.float32), np.arange(4)
    for dim in (0, 5):
        with pytest.raises(ValueError, match="cannot be reduced"):
            fit_reducer(vectors, labels, kind="pca", dim=dim, seed=0)
    with pytest.raises(ValueError, match="choose one of truncate"):
        fit_reducer(vectors, labels, kind="umap", dim=2, seed=0)


# Contrastive training.


@pytest.fixture(scope="module")
def described():
    """Descriptors (2000, 441) of textures of 20 classes, and the classes; the first 1,500 are for training."""
    images, labels = textures(2000, 20, 16, 1.6, 1)
    return encode(fit_encoder(images, labels, encoder="hog", seed=0), images, encoder="hog"), labels


def precision_after(described, **training):
    inputs, labels = described
    network = train_contrastive(inputs[:1500], labels[:1500], **{"dim": 32, "seed": 0, **training})
    return same_class(apply_network(network, inputs[1500:]), labels[1500:])


def test_training_finds_more_of_the_same_class_and_wrong_labels_undo_it(described):
    untrained, trained = precision_after(described, steps=0), precision_after(described)
    assert trained > untrained + 0.1
    assert precision_after(described, label_noise=0.4) < trained - 0.05


def test_hard_negatives_cost_more_where_labels_are_wrong_than_where_they_are_right(described):
    losses = [
        precision_after(described, negatives=15, label_noise=noise)
        - precision_after(described, negatives=15, label_noise=noise, hard_share=1.0)
        for noise in (0.0, 0.4)
    ]
    assert losses[1] > losses[0] + 0.02


def test_a_network_is_its_seeds_to_the_bit_whatever_was_drawn_elsewhere(described):
    inputs, labels = described
    settings = {"dim": 16, "hard_share": 0.5, "label_noise": 0.1, **BRIEF}
    first = train_contrastive(inputs, labels, seed=1, **settings)
    torch.rand(3), np.random.default_rng(0).normal()
    state = torch.get_rng_state()
    again, other = (train_contrastive(inputs, labels, seed=seed, **settings) for seed in (1, 2))
    assert torch.equal(state, torch.get_rng_state())
    for name in ("mean", "linear", "hidden", "bias", "out"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.linear, other.linear)


def test_training_gives_the_same_network_in_a_server_thread(described):
    from concurrent.futures import ThreadPoolExecutor

    inputs, labels = described
    here = train_contrastive(inputs, labels, dim=8, seed=0, **BRIEF)
    with ThreadPoolExecutor(2) as pool:
        there = list(pool.map(lambda _: train_contrastive(inputs, labels, dim=8, seed=0, **BRIEF), range(2)))
    assert all(np.array_equal(here.linear, each.linear) for each in there)


def test_without_a_hidden_layer_the_network_is_a_projection(described):
    inputs, labels = described
    network = train_contrastive(inputs, labels, dim=8, hidden=0, seed=0, **BRIEF)
    np.testing.assert_allclose(
        apply_network(network, inputs), unit((inputs - network.mean) @ network.linear), atol=1e-6
    )


@pytest.mark.parametrize(
    "extreme",
    [{"temperature": 0.02}, {"negatives": 1}, {"negatives": 10_000}, {"hard_share": 1.0}, {"label_noise": 1.0}],
    ids=str,
)
def test_extreme_settings_still_give_finite_networks(described, extreme):
    inputs, labels = described
    assert np.isfinite(train_contrastive(inputs, labels, dim=8, seed=0, **extreme, **BRIEF).linear).all()


@pytest.mark.parametrize("labels", [[0] * 6, [0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 1, 9]], ids=str)
def test_few_rows_of_one_label_or_all_alone_still_train(labels):
    inputs = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    network = train_contrastive(inputs, np.array(labels), dim=3, hard_share=0.5, label_noise=0.5, seed=0, steps=20)
    assert np.isfinite(apply_network(network, inputs)).all()


@pytest.mark.parametrize(
    "bad", [{"temperature": 0.0}, {"negatives": 0}, {"hard_share": 1.1}, {"label_noise": -0.1}], ids=str
)
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        train_contrastive(np.eye(4, dtype=np.float32), np.arange(4), dim=2, seed=0, **bad)


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match="a label each, not 4 and 3"):
        train_contrastive(np.eye(4, dtype=np.float32), np.arange(3), dim=2, seed=0)


def test_the_loss_of_two_pairs_worked_out_by_hand():
    z = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])  # rows 0 and 2 belong together, 1 and 3 too
    loss = info_nce(z, torch.tensor([0, 1, 0, 1]), 1.0, 3, 0.0, np.random.default_rng(0))
    assert float(loss) == pytest.approx(np.log(np.e + 2) - 1)  # one positive at 1, two negatives at 0
    alike = info_nce(z, torch.tensor([0, 0, 0, 0]), 1.0, 3, 0.0, np.random.default_rng(0))
    assert float(alike) == 0  # nobody is told to move away from its own label


def test_a_hard_negative_is_nearer_than_a_random_one():
    angles = torch.linspace(0, torch.pi, 32)
    z, labels = torch.stack([angles.cos(), angles.sin()], dim=1), torch.arange(16).repeat(2)
    easy, hard = (float(info_nce(z, labels, 0.1, 8, share, np.random.default_rng(0))) for share in (0.0, 1.0))
    assert hard > easy


def test_pairs_are_two_rows_of_one_label_and_never_a_row_with_itself():
    labels = np.sort(np.random.default_rng(0).integers(50, size=2000))
    batch = pairs_of_a_label(labels, np.random.default_rng(1))
    anchors, partners = batch[:PAIRS], batch[PAIRS:]
    assert (labels[anchors] == labels[partners]).all() and (anchors != partners).all()
    assert len(set(anchors)) == PAIRS
    alone = pairs_of_a_label(np.arange(5), np.random.default_rng(0))
    assert (alone[:5] == alone[5:]).all()


def test_label_noise_replaces_the_share_asked_for_by_other_labels():
    labels = np.random.default_rng(0).choice([3, 7, 20], size=20_000)
    rng = np.random.default_rng(1)
    assert (np.array([3, 7, 20])[noisy_labels(labels, 0.0, rng)] == labels).all()
    assert (np.array([3, 7, 20])[noisy_labels(labels, 0.3, rng)] != labels).mean() == pytest.approx(0.3, abs=0.01)
    assert (np.array([3, 7, 20])[noisy_labels(labels, 1.0, rng)] != labels).all()


# Textures.


def test_textures_are_grey_images_of_classes_in_equal_numbers_and_repeat_with_their_seed():
    images, labels = textures(300, 10, 16, 1.0, 0)
    assert images.shape == (300, 28, 28, 1) and images.dtype == np.uint8
    assert (np.bincount(labels) == 30).all()
    assert np.array_equal(images, textures(300, 10, 16, 1.0, 0)[0])
    assert not np.array_equal(images, textures(300, 10, 16, 1.0, 1)[0])


@pytest.mark.parametrize("hidden", [4, 16, 64])
def test_textures_vary_in_as_many_directions_as_they_have_hidden_dimensions(hidden):
    pixels = textures(1000, 100, hidden, 1.0, 0)[0].reshape(1000, -1).astype(float)
    share = PCA().fit(pixels).explained_variance_ratio_
    assert share[:hidden].sum() > 0.97 and share[hidden - 1] > 10 * share[hidden]


def test_the_knee_of_embedding_size_moves_right_with_the_hidden_dimensions():
    """V2: at 4, 16 and 64 hidden dimensions, what an embedding of 16 numbers still misses of one of 64."""
    missed = []
    for hidden in (4, 16, 64):
        images, labels = textures(3000, 50, hidden, 1.0, 0)
        vectors = encode(fit_encoder(images, labels, encoder="pixels", seed=0), images, encoder="pixels")
        small, large = (same_class(reduce(principal_axes(vectors, dim), vectors), labels) for dim in (16, 64))
        missed.append(large - small)
    assert abs(missed[0]) < 0.01 and abs(missed[1]) < 0.02 and missed[2] > 0.1


def test_textures_without_noise_are_the_same_within_a_class():
    images, labels = textures(40, 4, 8, 0.0, 0)
    assert all(len(np.unique(images[labels == c], axis=0)) == 1 for c in range(4))


def test_textures_that_cannot_be_drawn_are_refused():
    for n_classes, hidden in ((1, 4), (10, 0), (10, 257)):
        with pytest.raises(ValueError, match="waves must be 1 to 256"):
            textures(10, n_classes, hidden, 1.0, 0)
