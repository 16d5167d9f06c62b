"""What a tag vocabulary lacks: names and subjects that recur in articles and that no tag covers."""
