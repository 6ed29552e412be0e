"""What each kind of node computes, in terms; one module for each in `kit/standard/nodes`."""
