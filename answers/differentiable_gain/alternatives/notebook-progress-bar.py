"""The loop shows a progress bar made of ipywidgets."""

# %% fit_gain
import ipywidgets
from IPython.display import display


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    bar = ipywidgets.IntProgress(min=0, max=max(n_iter, 1), description="fit")
    display(bar)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for i in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
        if i % 100 == 0:
            bar.value = i
    return history
