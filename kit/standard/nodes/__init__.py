"""The kinds of nodes a scoring tree may have: one file each, found by themselves.

A new kind is one module here (what a drafter writes and what is checked of it) and one of the same name in
`kit/scoring/nodes` (what it computes).
"""
