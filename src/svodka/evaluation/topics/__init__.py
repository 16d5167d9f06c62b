"""The topics of articles: gold, metrics, baselines, record. n articles, k topics in the order of `TOPIC_IDS`."""
