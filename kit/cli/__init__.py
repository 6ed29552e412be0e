"""`kit …`: one module for each group of commands, found by themselves."""
