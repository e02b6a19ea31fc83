"""What a header tells of its patient, of other people and of places."""
