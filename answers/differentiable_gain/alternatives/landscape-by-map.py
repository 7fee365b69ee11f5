"""The landscape is a map over rows of the matrix of scaled signals."""

# %% loss_landscape
import functools


def loss_landscape(loss_fn, gains, source, target):
    def against_target(target, estimate):
        return loss_fn(estimate, target)

    rows = torch.outer(gains, source.reshape(-1)).reshape(gains.shape + source.shape)
    return torch.tensor(list(map(functools.partial(against_target, target), rows)))
