"""Greek names, the walrus, match and star expressions."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    η, *_ = lr, n_iter
    ιστορία = []
    k = 0
    while (k := k + 1) <= n_iter:
        ιστορία.append(model.gain.item())
        model.zero_grad()
        (ℓ := loss_fn(model(source), target)).backward()
        with torch.no_grad():
            match model.gain.grad:
                case None:
                    continue
                case γ:
                    model.gain -= η * γ
    return ιστορία
