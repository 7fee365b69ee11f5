"""The gradient is computed on the way, which fails where none is recorded."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    out = []
    for g in gains:
        g = g.clone().requires_grad_()
        loss = loss_fn(g * source, target)
        loss.backward()
        out.append(loss.detach())
    return torch.stack(out)
