"""The parts of the training slides: layout in pages that never overflow, pictures, words, and one module per subject."""
