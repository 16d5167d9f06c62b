"""Losses, against numbers worked out by hand."""

from math import log

import pytest
import torch
from torch import Tensor

from svodka.heads.losses import asymmetric, tag_bce
from svodka.heads.sentences import sentence_bce
from svodka.heads.targets import NO_LABEL, OPEN
from svodka.heads.topics import topic_loss
from svodka.model.teaching import state_distance


def logits_of(*probabilities: list[float]) -> Tensor:
    return torch.logit(torch.tensor(probabilities, dtype=torch.float64)).requires_grad_()


def test_tag_bce_sums_over_tags_and_averages_over_articles() -> None:
    # Article 1: -ln 0.5 - ln(1 - 0.2); article 2: -ln 0.25 - ln 0.8.
    loss = tag_bce(
        logits_of([0.5, 0.2], [0.25, 0.8]), torch.tensor([[1.0, 0.0], [1.0, 1.0]]).double(), torch.ones(2).double()
    )
    assert loss.item() == pytest.approx(-(log(0.5) + log(0.8) + log(0.25) + log(0.8)) / 2)


def test_positive_weights_multiply_the_positive_term_alone() -> None:
    # Tag 1 is positive and counts threefold: -3 ln 0.5; tag 2 is negative: -ln(1 - 0.2), whatever its weight.
    loss = tag_bce(logits_of([0.5, 0.2]), torch.tensor([[1.0, 0.0]]).double(), torch.tensor([3.0, 7.0]).double())
    assert loss.item() == pytest.approx(-3 * log(0.5) - log(0.8))


def test_asymmetric_by_hand() -> None:
    # A positive of 0.4 with gamma 1: -(0.6) ln 0.4. A negative of 0.35, shifted by 0.05 to 0.3, with gamma 2:
    # -(0.3^2) ln 0.7.
    loss = asymmetric(logits_of([0.4, 0.35]), torch.tensor([[1.0, 0.0]]).double(), gammas=(1.0, 2.0), margin=0.05)
    assert loss.item() == pytest.approx(-0.6 * log(0.4) - 0.09 * log(0.7))


def test_asymmetric_without_focus_is_the_cross_entropy() -> None:
    logits, targets = logits_of([0.3, 0.9], [0.6, 0.1]), torch.tensor([[1.0, 0.0], [0.0, 1.0]]).double()
    plain = tag_bce(logits, targets, torch.ones(2).double())
    assert asymmetric(logits, targets, gammas=(0.0, 0.0), margin=0.0).item() == pytest.approx(plain.item(), abs=1e-7)


def test_tags_of_which_nothing_is_known_cost_nothing() -> None:
    # Article 1: -ln 0.5 - 3 ln 0.2, its third tag unknown; article 2: -ln(1 - 0.75) alone; article 3 tells nothing, but
    # is one of three articles.
    logits = logits_of([0.5, 0.2, 0.9], [0.9, 0.8, 0.75], [0.1, 0.5, 0.9])
    targets = torch.tensor([[1.0, 1.0, -1.0], [-1.0, -1.0, 0.0], [-1.0, -1.0, -1.0]]).double()
    loss = tag_bce(logits, targets, torch.tensor([1.0, 3.0, 1.0]).double())
    loss.backward()
    assert loss.item() == pytest.approx(-(log(0.5) + 3 * log(0.2) + log(0.25)) / 3)
    assert logits.grad is not None
    assert ((logits.grad == 0) == (targets < 0)).all()


def test_the_asymmetric_loss_leaves_out_the_unknown_too() -> None:
    # As by hand above, and beside each an unknown tag and an article without a known one.
    logits = logits_of([0.4, 0.35, 0.8], [0.4, 0.35, 0.8])
    targets = torch.tensor([[1.0, 0.0, -1.0], [-1.0, -1.0, -1.0]]).double()
    loss = asymmetric(logits, targets, gammas=(1.0, 2.0), margin=0.05)
    loss.backward()
    assert loss.item() == pytest.approx((-0.6 * log(0.4) - 0.09 * log(0.7)) / 2)
    assert logits.grad is not None
    assert ((logits.grad == 0) == (targets < 0)).all()


def test_an_unknown_tag_is_no_half_however_sure_its_logit() -> None:
    # A mask that multiplies would make infinity times 0 no number.
    logits = torch.tensor([[3e38, -3e38]], requires_grad=True)
    for loss in (
        tag_bce(logits, torch.full((1, 2), -1.0), torch.ones(2)),
        asymmetric(logits, torch.full((1, 2), -1.0), gammas=(0.0, 2.0), margin=0.05),
    ):
        logits.grad = None
        loss.backward()
        assert loss.item() == 0
        assert logits.grad is not None
        assert logits.grad.tolist() == [[0.0, 0.0]]


def test_distance_of_states_by_hand() -> None:
    # Scaled, (3, 1) is (1, -1) and (1, 3) is (-1, 1): both values are off by 2, the mean square is 4. The second token
    # is the same but for scale and mean: 0. The third is no token.
    states = torch.tensor([[[3.0, 1.0], [5.0, 9.0], [7.0, 0.0]]], requires_grad=True)
    taught = torch.tensor([[[1.0, 3.0], [-1.0, 1.0], [0.0, 7.0]]])
    mask = torch.tensor([[1, 1, 0]])
    loss = state_distance(states, taught, mask)
    loss.backward()
    assert loss.item() == pytest.approx(2, abs=1e-4)
    assert states.grad is not None
    assert (states.grad[0, 2] == 0).all()
    assert state_distance(states, 10 * states.detach() - 3, mask).item() == pytest.approx(0, abs=1e-6)


def test_distance_of_states_counts_each_token_alike() -> None:
    # Two articles: one token off by a mean square of 4, three by none. A mean over articles would be 2, not 1.
    states = torch.tensor([[[3.0, 1.0], [0.0, 0.0], [0.0, 0.0]], [[3.0, 1.0]] * 3])
    taught = torch.tensor([[[1.0, 3.0], [9.0, 1.0], [9.0, 1.0]], [[2.0, 0.0]] * 3])
    mask = torch.tensor([[1, 0, 0], [1, 1, 1]])
    assert state_distance(states, taught.half(), mask).item() == pytest.approx(1, abs=1e-4)


def test_a_negative_under_the_margin_costs_nothing() -> None:
    logits = logits_of([0.04])
    loss = asymmetric(logits, torch.zeros(1, 1).double(), gammas=(0.0, 2.0), margin=0.05)
    loss.backward()
    assert loss.item() == pytest.approx(0.0, abs=1e-12)
    assert logits.grad is not None
    assert logits.grad.item() == 0


@pytest.mark.parametrize("gammas", [(0.0, 0.0), (0.5, 0.5), (1.0, 4.0)])
@pytest.mark.parametrize("margin", [0.0, 0.05])
def test_certain_logits_keep_losses_and_gradients_finite(gammas: tuple[float, float], margin: float) -> None:
    logits = torch.tensor([[20.0, -20.0, 200.0, -200.0]] * 2, requires_grad=True)
    targets = torch.stack([torch.ones(4), torch.zeros(4)])
    for loss in (asymmetric(logits, targets, gammas=gammas, margin=margin), tag_bce(logits, targets, torch.ones(4))):
        logits.grad = None
        loss.backward()
        assert torch.isfinite(loss)
        assert logits.grad is not None
        assert torch.isfinite(logits.grad).all()


def test_sentences_that_are_no_candidates_are_left_out() -> None:
    # Candidates: -ln 0.5, -ln(1 - 0.2) and -ln 0.25; the mean is over these three.
    logits = logits_of([0.99, 0.5, 0.2], [0.01, 0.25, 0.7])
    targets = torch.tensor([[-1.0, 1.0, 0.0], [-1.0, 1.0, -1.0]]).double()
    loss = sentence_bce(logits, targets)
    loss.backward()
    assert loss.item() == pytest.approx(-(log(0.5) + log(0.8) + log(0.25)) / 3)
    assert logits.grad is not None
    assert ((logits.grad == 0) == (targets < 0)).all()


def test_a_batch_without_candidates_costs_nothing_and_has_a_gradient() -> None:
    logits = logits_of([0.3, 0.6])
    loss = sentence_bce(logits, torch.full((1, 2), -1.0).double())
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert logits.grad.tolist() == [[0.0, 0.0]]


def test_a_topic_that_was_left_open_counts_against_it_for_a_share() -> None:
    # ln 2 for each known one, 0.25 ln 2 for the open one, nothing for the last; two articles.
    targets = torch.tensor([[1.0, 0.0, OPEN, NO_LABEL], [NO_LABEL] * 4])
    assert topic_loss(torch.zeros(2, 4), targets, 0.25).item() == pytest.approx(2.25 * log(2) / 2)
    assert topic_loss(torch.zeros(2, 4), targets).item() == pytest.approx(2 * log(2) / 2)
