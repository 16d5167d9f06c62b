"""News in, prepared data out: pages, sources, tidying, duplicates, splits, storage."""
