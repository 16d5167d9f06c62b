"""A bundle with the tags of prepared data, which it learns from their articles; its network stays as it is."""
