"""Tests over every folder under `standards/`."""
