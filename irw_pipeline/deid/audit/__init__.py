"""The audit of finished objects; shares nothing with the engine but the list of common words."""
