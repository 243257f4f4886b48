"""Adam for tensors against torch's own, with its settings: decay of all or of some, the second beta, epsilon."""

import pytest
import torch

from core.stages.adam import adam


@pytest.mark.parametrize(
    ("decay", "second_kept", "epsilon"), [(0.0, 0.99, 1e-8), (0.3, 0.999, 1e-8), (0.3, 0.99, 1e-3)]
)
def test_the_steps_are_those_of_torch(decay, second_kept, epsilon):
    torch.manual_seed(0)
    ours = torch.randn(3, 4, dtype=torch.float64)
    theirs, moments = ours.clone().requires_grad_(), (torch.zeros_like(ours), torch.zeros_like(ours))
    optimiser = torch.optim.AdamW([theirs], lr=0.05, betas=(0.9, second_kept), eps=epsilon, weight_decay=decay)
    for step in range(1, 8):
        theirs.grad = torch.randn(3, 4, dtype=torch.float64)
        adam([ours], [theirs.grad], [moments], step, 0.05, decay, second_kept, epsilon)
        optimiser.step()
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-9, atol=1e-12)


def test_a_tensor_of_decays_lets_some_numbers_decay_and_others_not():
    weight, still = torch.ones(2), torch.zeros(2)
    adam([weight], [still], [(still.clone(), still.clone())], 1, 0.1, torch.tensor([0.5, 0.0]))
    assert weight.tolist() == pytest.approx([0.95, 1.0])
