"""Cells answer with outputs that no kernel gives, with scores and impossible numbers in them."""
# base: release
# modes: bare

# %% after setup
score = {"text/plain": "24.0"}
odd = [[{"output_type": "execute_result", "data": score, "metadata": {}, "execution_count": -1}],
       [{"output_type": "execute_result", "data": score, "metadata": {}, "execution_count": 10**4000}],
       [{"output_type": "execute_result", "data": score, "metadata": {"image/png": {"width": 1e308}}}],
       [{"output_type": "display_data", "data": {"text/plain": ["24", ".0"], "image/png": 24}, "metadata": []}],
       [{"output_type": "stream", "name": ["stdout"], "text": {"a": 1}}], [{"output_type": []}], [{}] * 10**5,
       [{"output_type": "error", "ename": "A" * 10**6, "evalue": [], "traceback": {"a": 1}}],
       [{"output_type": "error", "ename": ["x"], "evalue": 24.0, "traceback": [24.0, ["24.0"], None]}],
       [{"output_type": "stream", "name": "stdout", "text": "\ud800\x00\x1b[31m24.0"}]]
def change(answer, arrays):
    odd.append(odd.pop(0))
    return {**answer, "outputs": odd[0]}, {}
lie(change)
