"""The editors' page of the service."""
