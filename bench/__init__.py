"""The measured claims: each module has `run()` and prints its figures; `python -m bench [name …]` runs them."""
