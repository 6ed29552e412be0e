"""The parts of the training slides: blocks and their layout, pictures, words, and one module per subject."""
