"""Backbones: built to fit a tokenizer, or refused by name."""

from pathlib import Path
from typing import Any

import pytest
from transformers import BertConfig, PretrainedConfig

from svodka.config.training import BackboneConfig
from svodka.errors import ConfigError
from svodka.model.backbones import backbone_config, build_backbone, load_backbone, position_limit

PIECES = 60


def test_an_encoder_has_no_decoder_to_build() -> None:
    with pytest.raises(ConfigError, match=r"model\.decoder\.weight is above 0, but 'bert' has no decoder; set it to 0"):
        build_backbone(BertConfig(), decoder=True)


class Tokenizer:
    """What `backbone_config` looks at."""

    pad_token_id, bos_token_id, eos_token_id, cls_token_id, sep_token_id = 0, None, None, 2, 3

    def __len__(self) -> int:
        return PIECES


def built(model_type: str, **settings: Any) -> PretrainedConfig:
    return backbone_config(BackboneConfig(model_type=model_type, settings=settings), Tokenizer())


def test_a_built_backbone_fits_its_tokenizer() -> None:
    config = built("t5", d_model=32)
    assert (config.vocab_size, config.d_model) == (PIECES, 32)
    assert (config.pad_token_id, config.bos_token_id, config.eos_token_id, config.decoder_start_token_id) == (
        0,
        2,
        3,
        0,
    )


def test_a_setting_or_a_type_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match=r"model\.backbone\.settings: 'bert' has no \['hiden_size'\]; it has \["):
        built("bert", hiden_size=32)
    with pytest.raises(ConfigError, match=r"model\.backbone: cannot build 'brt'"):
        built("brt")


def test_a_pretrained_backbone_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"model\.backbone\.pretrained: cannot load '.*absent'"):
        backbone_config(BackboneConfig(pretrained=str(tmp_path / "absent")), Tokenizer())


@pytest.mark.parametrize(
    ("model_type", "limit"), [("bert", 100), ("mbart", 100), ("xlm-roberta", 98), ("camembert", 98), ("t5", None)]
)
def test_how_long_a_window_a_backbone_reads(model_type: str, limit: int | None) -> None:
    settings = {} if model_type == "t5" else {"max_position_embeddings": 100}
    assert position_limit(built(model_type, **settings)) == limit


@pytest.mark.parametrize(
    ("name", "body", "match"),
    [
        (
            "model.safetensors",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 9\n",
            "Git LFS pointer",
        ),
        ("model.safetensors", b"\x40\0\0\0\0\0\0\0{}", "its weights are cut or damaged, get them anew"),
        ("pytorch_model.bin", b"cos\nsystem\n(S'true'\ntR.", ""),
    ],
)
def test_weights_that_are_none_are_told(name: str, body: bytes, match: str, tmp_path: Path) -> None:
    config = built("bert", hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    config.save_pretrained(tmp_path)
    (tmp_path / name).write_bytes(body)
    with pytest.raises(ConfigError, match=rf"(?s)^model\.backbone\.pretrained: cannot load '.*': .*{match}"):
        load_backbone(BackboneConfig(pretrained=str(tmp_path)), config, decoder=False)
