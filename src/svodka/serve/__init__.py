"""The service: articles in and annotations out over HTTP, and the editors' desk."""
