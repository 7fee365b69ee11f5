"""A copy is trained, and its state is loaded into the model at the end."""

# %% fit_gain
import copy


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    student = copy.deepcopy(model)
    optimizer = torch.optim.SGD(student.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(student.gain.item())
        optimizer.zero_grad()
        loss_fn(student(source), target).backward()
        optimizer.step()
    model.load_state_dict(student.state_dict())
    return history
