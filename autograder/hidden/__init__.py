"""The hidden tests, a folder an assignment. Nothing here is ever on a path that student code can open."""
