"""The loop shows a tqdm progress bar on stderr."""

# %% fit_gain
from tqdm import tqdm


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    progress = tqdm(range(n_iter), desc="fitting", mininterval=1.0)
    for _ in progress:
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
    progress.set_postfix(gain=model.gain.item())
    return history
