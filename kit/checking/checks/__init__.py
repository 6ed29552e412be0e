"""The checks of a standard: one module each, found by themselves; the first line says what it looks for."""
