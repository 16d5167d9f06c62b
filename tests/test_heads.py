"""Tag head, lexical branch and sentence head: what adds up, and what padding must not change."""

import math

import pytest
import torch
from torch import Tensor

from svodka.heads.lexical import LexicalBranch, place_weights
from svodka.heads.sentences import _USUAL, SentenceHead, mean_by_sentence, sentence_marks
from svodka.heads.sums import Sentences, sum_by_sentence
from svodka.heads.tags import LabelAttention

TAGS = 4


def attention(width: int = 8) -> LabelAttention:
    torch.manual_seed(3)
    return LabelAttention(width, TAGS, dropout=0.5).eval()


def states_and_mask() -> tuple[Tensor, Tensor]:
    torch.manual_seed(4)
    mask = torch.tensor([[False, True, True, False, True, False], [False, True, True, True, True, True]])
    return torch.randn(2, 6, 8), mask


def test_shares_add_up_to_the_logits_of_laat() -> None:
    head = attention()
    states, mask = states_and_mask()
    shares_of_all, bias = head(states, mask)
    assert bias is head.bias
    for states_of_one, own, shares in zip(states, mask, shares_of_all, strict=True):
        kept = states_of_one[own]
        weights = head.query(torch.tanh(head.project(kept))).softmax(dim=0)  # [t, l]
        vectors = weights.T @ kept  # [l, d], one of each tag
        assert torch.allclose(shares.sum(dim=0), (vectors * head.readout.weight).sum(dim=1), atol=1e-6)


def test_tokens_outside_the_mask_have_no_share_and_no_say() -> None:
    head = attention()
    states, mask = states_and_mask()
    shares = head(states, mask)[0]
    assert (shares[~mask] == 0).all()
    disturbed = torch.where(mask.unsqueeze(-1), states, 1e3)
    assert torch.equal(head(disturbed, mask)[0], shares)


def test_padding_changes_no_share() -> None:
    head = attention()
    states, mask = states_and_mask()
    wide = torch.cat([states, torch.randn(2, 5, 8)], dim=1), torch.cat([mask, torch.zeros(2, 5).bool()], dim=1)
    shares = head(*wide)[0]
    assert torch.allclose(shares[:, :6], head(states, mask)[0], atol=1e-7)
    assert (shares[:, 6:] == 0).all()


def test_an_article_without_text_has_no_share_and_a_finite_gradient() -> None:
    head = attention()
    states, mask = states_and_mask()
    states.requires_grad_()
    shares = head(states, torch.zeros_like(mask))[0]
    assert (shares == 0).all()
    shares.sum().backward()
    assert states.grad is not None
    assert torch.isfinite(states.grad).all()


def lexical() -> LexicalBranch:
    branch = LexicalBranch(6, TAGS)
    torch.manual_seed(5)
    torch.nn.init.normal_(branch.weight)
    branch.idf.copy_(torch.tensor([1.0, 2.0, 1.0, 3.0, 1.0, 1.0]))
    return branch


def test_tf_idf_by_hand() -> None:
    # Piece 1 three times, piece 3 once: (1 + ln 3) * 2 and 1 * 3, scaled to length 1.
    counts, features = lexical().features(torch.tensor([[1, 1, 3, 1, 5]]), torch.tensor([[1, 1, 1, 1, 0]]).bool())
    assert counts.tolist() == [[0, 3, 0, 1, 0, 0]]
    first, second = 2 * (1 + math.log(3)), 3.0
    length = math.hypot(first, second)
    assert features[0].tolist() == pytest.approx([0, first / length, 0, second / length, 0, 0], abs=1e-6)


PLAIN = (1.0, 1.0)  # linear and latent part as they are


def each_token(ids: torch.Tensor) -> Sentences:
    """Every token a sentence of its own."""
    return Sentences(torch.arange(ids.shape[1]).expand_as(ids), ids.shape[1])


def test_lexical_shares_add_up_to_the_logits() -> None:
    branch = lexical()
    ids = torch.tensor([[1, 1, 3, 1, 5], [0, 2, 2, 4, 0]])
    mask = torch.tensor([[True, True, True, False, False], [False, True, True, True, True]])
    shares, rest = branch.evidence(ids, mask, each_token(ids), shares=PLAIN)
    assert (rest == 0).all()  # no bias yet, no latent network
    (linear,) = branch(ids, mask)
    assert torch.allclose(shares.sum(dim=1), linear, atol=1e-6)
    assert (shares[~mask] == 0).all()
    assert torch.allclose(shares[0, 0], shares[0, 1])  # the same piece, the same share


def test_latent_logits_stand_apart_from_the_shares() -> None:
    branch = LexicalBranch(6, TAGS, rank=4, hidden=8)
    torch.manual_seed(6)
    for tensor in (branch.weight, branch.projection, branch.output.weight):
        torch.nn.init.normal_(tensor)
    ids = torch.tensor([[1, 1, 3, 1, 5], [0, 2, 2, 4, 0]])
    weights = torch.tensor([[3.0, 2.0, 1.0, 0.0, 0.0], [0.0, 2.0, 1.0, 1.0, 1.0]])
    with torch.no_grad():
        linear, latent = branch(ids, weights)
        shares, rest = branch.evidence(ids, weights, each_token(ids), shares=PLAIN)
        assert torch.allclose(latent, branch.latent(branch.features(ids, weights)[1]), atol=1e-5)
        assert torch.allclose(rest, latent, atol=1e-5)  # no bias yet
        assert torch.allclose(shares.sum(dim=1), linear, atol=1e-5)
        branch.bias.fill_(4.0)
        halved, rest = branch.evidence(ids, weights, each_token(ids), shares=(0.5, 3.0))
        assert torch.allclose(halved, 0.5 * shares, atol=1e-5)
        assert torch.allclose(rest, 0.5 * 4.0 + 3.0 * latent, atol=1e-5)


def test_lexical_branch_of_no_text_is_zero() -> None:
    branch = lexical()
    (logits,) = branch(torch.zeros(1, 3).long(), torch.zeros(1, 3).bool())
    assert (logits == 0).all()


IDS = torch.tensor([[-1, 0, 1, 1, -1, 3], [-1, 0, 0, 0, 1, -1]])
PIECES = torch.tensor([[2, 5, 6, 5, 3, 9], [2, 5, 6, 7, 5, 0]])


def test_sums_and_means_of_sentences_by_hand() -> None:
    values = torch.tensor([[9.0, 1.0, 2.0, 4.0, 9.0, 8.0], [9.0, 3.0, 6.0, 9.0, 5.0, 9.0]]).unsqueeze(-1)
    # Sentence 2 has no token; values at -1 count nowhere.
    assert sum_by_sentence(values, IDS, 4).squeeze(-1).tolist() == [[1, 6, 0, 8], [18, 5, 0, 0]]
    assert mean_by_sentence(values, IDS, 4).squeeze(-1).tolist() == [[1, 3, 0, 8], [6, 5, 0, 0]]


def test_rows_of_a_table_add_up_by_sentence_by_hand() -> None:
    table, counts = torch.arange(10.0).unsqueeze(1), torch.tensor([[1.0, 2, 3, 1, 1, 1], [1, 1, 1, 0, 2, 1]])
    # Article 0: title 2 * 5, sentence 1 3 * 6 + 5, sentence 3 9; article 1: title 5 + 6 + 0 * 7, sentence 1 2 * 5.
    assert Sentences(IDS, 4).sum(table, PIECES, counts).squeeze(-1).tolist() == [[10, 23, 0, 9], [11, 10, 0, 0]]


def test_tag_evidence_is_the_shares_added_up_and_knows_no_text_off_the_mask() -> None:
    torch.manual_seed(1)
    head, states = LabelAttention(6, 3, dropout=0.0).eval(), torch.randn(2, 6, 6)
    with torch.inference_mode():
        mask = IDS >= 0
        expected = sum_by_sentence(head(states, mask)[0], IDS, 4)
        found, bias = head.evidence(states, mask, Sentences(IDS, 4))
        assert torch.allclose(found, expected, atol=1e-6)
        assert torch.equal(bias, head.bias)
        nothing = torch.full_like(IDS, -1)
        assert (head.evidence(states, nothing >= 0, Sentences(nothing, 4))[0] == 0).all()


# 128 wide there are two attention heads, and torch takes another path at inference.
@pytest.mark.parametrize("width", [8, 128])
@pytest.mark.parametrize("layers", [0, 2])
@pytest.mark.parametrize("mode", [torch.inference_mode, torch.enable_grad])
def test_an_article_alone_scores_as_in_a_batch(width: int, layers: int, mode: type) -> None:
    torch.manual_seed(6)
    head = SentenceHead(width, narrow=8, layers=layers, dropout=0.5).eval()
    states, n_sentences = torch.randn(2, 6, width), torch.tensor([4, 2])
    with mode():
        together = head(states, PIECES, IDS, n_sentences)
        assert together.shape == (2, 4)
        for row, n in enumerate(n_sentences.tolist()):
            own = slice(row, row + 1)
            alone = head(states[own], PIECES[own], IDS[own], n_sentences[own])
            assert torch.allclose(together[row, :n], alone[0], atol=1e-5)


def test_tokens_of_no_sentence_do_not_count() -> None:
    torch.manual_seed(7)
    head = SentenceHead(8, narrow=8, layers=1, dropout=0.0).eval()
    states = torch.randn(2, 6, 8)
    disturbed = torch.where((IDS < 0).unsqueeze(-1), 1e3, states)
    n = torch.tensor([4, 2])
    assert torch.equal(head(states, PIECES, IDS, n), head(disturbed, PIECES, IDS, n))


def test_sentences_look_at_each_other_and_know_their_place() -> None:
    torch.manual_seed(8)
    head = SentenceHead(8, narrow=8, layers=1, dropout=0.0).eval()
    states, ids, n = torch.randn(1, 3, 8), torch.tensor([[0, 1, 2]]), torch.tensor([3])
    changed = states.clone()
    changed[0, 2] = torch.randn(8)
    assert not torch.allclose(head(states, ids, ids, n)[0, :2], head(changed, ids, ids, n)[0, :2])
    same = states[:, :1].expand(1, 3, 8)
    assert len(set(head(same, ids, ids, n)[0].tolist())) == 3


def test_more_sentences_than_places() -> None:
    head = SentenceHead(8, narrow=8, layers=1, dropout=0.0).eval()
    ids = torch.arange(100).unsqueeze(0)
    assert torch.isfinite(head(torch.randn(1, 100, 8), ids, ids, torch.tensor([100]))).all()


def test_marks_of_sentences_by_hand() -> None:
    # Title (1, 0) of piece 7, a sentence (0, 1) of pieces 7 and 8, one (1, 0) of piece 9; the article's mean (2, 2).
    means = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]])
    ids, owners = torch.tensor([[7, 7, 8, 9, 9]]), torch.tensor([[0, 1, 1, 2, -1]])
    expected = [
        [math.log(2), math.log(3), math.log(2)],  # length
        [0, 1 / 3, 2 / 3],  # place
        [math.log(4)] * 3,  # sentences, title included
        [1, 1 / 2, 0],  # in the title
        [1, 1, 1],  # in the lead, which both sentences are
        [math.log(3), (math.log(3) + math.log(2)) / 2, math.log(2)],  # 7 comes twice, the last 9 is nobody's
        [1, 0, 1],
        [math.sqrt(0.5)] * 3,
    ]
    marks = sentence_marks(means, ids, owners, torch.tensor([3]))
    for i, (values, (mean, spread)) in enumerate(zip(expected, _USUAL, strict=True)):
        assert (marks[0, :, i] * spread + mean).tolist() == pytest.approx(values, abs=1e-6), i


def test_a_token_counts_by_its_place() -> None:
    found = place_weights(torch.tensor([[-1, 0, 1, 4, 5, 60, -1]]), title=4.0, lead=2.0)
    assert found.tolist() == [[0, 4, 2, 2, 1, 1, 0]]


def test_shares_of_weighted_tokens_add_up_to_the_logits() -> None:
    branch = lexical()
    ids, weights = torch.tensor([[1, 1, 3, 1, 5]]), torch.tensor([[4.0, 1.0, 2.0, 0.0, 1.0]])
    shares, rest = branch.evidence(ids, weights, each_token(ids), shares=PLAIN)
    assert torch.allclose(shares.sum(dim=1) + rest, branch(ids, weights)[0], atol=1e-6)
    assert torch.allclose(shares[0, 0], 4 * shares[0, 1])
    assert (shares[0, 3] == 0).all()
