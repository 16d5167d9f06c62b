"""The report as a page for people and as tables for machines; both are made from the JSON alone."""
