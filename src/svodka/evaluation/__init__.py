"""Evaluation, always through `Annotator`, as users run it, and always beside baselines."""
