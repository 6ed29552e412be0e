"""One family of rules a file; see `kit.quality.registry.rules` for what a file holds."""
