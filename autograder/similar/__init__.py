"""Which submissions have nearly the same code, beside how often that happens anyway."""
