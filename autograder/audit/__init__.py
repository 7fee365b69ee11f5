"""Tests the hidden tests: what they accept, what they reject, by how much, and what they give away."""
