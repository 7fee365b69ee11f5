"""A copy of the model is trained, and the model that was passed in stays as it was."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain

# %% fit_gain
import copy


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
    return history
