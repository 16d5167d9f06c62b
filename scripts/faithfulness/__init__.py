"""Parts of scripts/measure_faithfulness.py: mentions of NEREL, planted errors, true statements."""
