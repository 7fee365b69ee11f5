"""The landscape shows the slope of the loss instead of the loss."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    gains = gains.detach().clone().requires_grad_()
    total = sum(loss_fn(g * source, target) for g in gains)
    return torch.autograd.grad(total, gains)[0]
