"""Decorators and context managers around the training loop."""

# %% before fit_gain
import contextlib
import functools
import time


@contextlib.contextmanager
def clean_gradients(model):
    model.zero_grad()
    yield model
    model.zero_grad()


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        wrapper.seconds = time.perf_counter() - start
        return result

    return wrapper

# %% fit_gain
@timed
@torch.enable_grad()
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    history = []
    for _ in range(n_iter):
        with clean_gradients(model) as m:
            history.append(m.gain.item())
            loss_fn(m(source), target).backward()
            m.gain.data.sub_(lr * m.gain.grad)
    return history
