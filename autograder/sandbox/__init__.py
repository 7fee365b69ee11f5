"""Runs student code in a child forked from a warm template process, and brings numbers back."""
