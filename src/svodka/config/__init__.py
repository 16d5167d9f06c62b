"""Configs: what may stand in a YAML file, and how one is read.

`data` holds the settings of `svodka prepare`, `pretraining` those of `svodka pretrain`, `training` those of
`svodka train`, `tuning` those of `svodka tune`, `summary` those of the summary at inference; `loading` turns a file and
`key=value` overrides into one of them.
"""

from svodka.config.data import DataConfig, SourceConfig
from svodka.config.loading import load_data_config, load_pretrain_config, load_run_config, load_tune_config
from svodka.config.pretraining import PretrainConfig
from svodka.config.summary import SummaryConfig
from svodka.config.training import RunConfig
from svodka.config.tuning import TuneConfig

__all__ = [
    "DataConfig",
    "PretrainConfig",
    "RunConfig",
    "SourceConfig",
    "SummaryConfig",
    "TuneConfig",
    "load_data_config",
    "load_pretrain_config",
    "load_run_config",
    "load_tune_config",
]
