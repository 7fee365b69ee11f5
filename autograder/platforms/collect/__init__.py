"""From what a platform gives to `submitted/`: a module for each platform's layout, and `collect` that uses them."""
