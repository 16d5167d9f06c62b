"""Configs: what may stand in a YAML file, and how one is read.

`data` holds the settings of `svodka prepare`, `pretraining` those of `svodka pretrain`, `training` those of
`svodka train`, `tuning` those of `svodka tune`, `summary` those of the summary at inference; `loading` turns a file and
`key=value` overrides into one of them.
"""
