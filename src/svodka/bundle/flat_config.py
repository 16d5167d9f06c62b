"""The `config.json` of bundle format 1: the settings of all heads side by side. This module goes with that format."""

from collections.abc import Mapping
from typing import Any

# Field then -> where it is now.
_MOVED = {
    "n_tags": ("heads", "tags", "n"),
    "tags_per_article": ("heads", "tags", "per_article"),
    "tag_weight": ("heads", "tags", "weight"),
    "tag_loss": ("heads", "tags", "loss"),
    "blend": ("heads", "tags", "shares"),
    **{
        name: ("heads", "tags", name)
        for name in (
            "named", "name_dropout", "gamma_positive", "gamma_negative", "margin", "lexical", "lexical_title",
            "lexical_lead", "lexical_pieces", "lexical_rank", "lexical_hidden", "dropout",
        )
    },
    "n_topics": ("heads", "topics", "n"),
    "topic_weight": ("heads", "topics", "weight"),
    **{
        f"sentence_{name}": ("heads", "sentences", name)
        for name in ("weight", "layers", "width", "dropout", "through")
    },
    "decoder_weight": ("heads", "decoder", "weight"),
    "label_smoothing": ("heads", "decoder", "label_smoothing"),
    "untied_head": ("heads", "decoder", "untied"),
    **{f"summary_{name}": ("heads", "decoder", name) for name in ("start", "first", "end")},
    **{f"window_{name}": ("window", name) for name in ("tokens", "overlap", "limit")},
}  # fmt: skip


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a config of format 1 -> those of today; what it says nothing of has its default."""
    found: dict[str, Any] = {name: value for name, value in flat.items() if name not in _MOVED}
    found.pop("encoder_only", None)  # decided nothing
    for name, (*sections, field) in _MOVED.items():
        # A branch without networks had 0 of their hidden layer.
        if name in flat and not (name == "lexical_hidden" and not flat[name]):
            section = found
            for one in sections:
                section = section.setdefault(one, {})
            section[field] = flat[name]
    return found
