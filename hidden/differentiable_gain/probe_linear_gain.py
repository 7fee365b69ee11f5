"""Probes of `LinearGain`. This text is sent into the sandbox: it holds questions, no answers."""

import copy

import torch


def made(notebook, how, gain=None):
    LinearGain = notebook["LinearGain"]
    return LinearGain() if how == "default" else LinearGain(gain) if how == "position" else LinearGain(gain=gain)


def step(model, lr):
    """One step of plain descent, by hand: an optimiser may be what student code has made of it."""
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.data.sub_(lr * parameter.grad)


def construct(notebook, how, gain=None):
    """A new model, and where its gain starts."""
    model = made(notebook, how, gain)
    return {"module": isinstance(model, torch.nn.Module), "gain": model.gain}


def learn(notebook, gain, slope, lr):
    """What a new model can learn, and its gain after one step along a given slope."""
    model = notebook["LinearGain"](gain)
    learnable = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    for _, parameter in learnable:
        parameter.grad = torch.full_like(parameter, slope)
    step(model, lr)
    return {
        "names": [name for name, _ in learnable],
        "count": sum(parameter.numel() for _, parameter in learnable),
        "floating": all(parameter.is_floating_point() for _, parameter in learnable),
        "gain": model.gain,
    }


def independent(notebook, ways, gains, x, upstream, lr):
    """Two models, of which the first is trained by one step after both are made."""
    one, two = (made(notebook, how, gain) for how, gain in zip(ways, gains, strict=True))
    y = one(x)
    y.backward(upstream.reshape(y.shape))
    step(one, lr)
    return {"first": one(x), "second": two(x)}


def forward(notebook, gain, x):
    model = notebook["LinearGain"](gain)
    y = model(x)
    return {"y": y, "x": x, "gain": model.gain}


def gradients(notebook, gain, x, upstream):
    """Pulls `upstream` back through one forward pass."""
    model = notebook["LinearGain"](gain)
    x.requires_grad_()
    y = model(x)
    y.backward(upstream.reshape(y.shape))
    return {"gain": model.gain.grad, "x": x.grad}


def after_training(notebook, gain, x, upstream, lr):
    """One step of descent, then double precision."""
    model = notebook["LinearGain"](gain)
    y = model(x)
    y.backward(upstream.reshape(y.shape))
    step(model, lr)
    stepped = model(x)
    model.double()
    return {"stepped": stepped, "double": model(x.double())}


def again(notebook, gain, other, **signals):
    """One model, asked for each of the signals in turn, in every mode, then with another gain, then as a copy."""
    model = notebook["LinearGain"](gain)
    modes = [model.eval, model.train, model.eval, model.train, model.eval]
    seen = {}
    for (name, x), mode in zip(sorted(signals.items()), modes, strict=True):
        mode()
        y = model(x.requires_grad_())
        model.gain.grad = None
        y.sum().backward()
        seen |= {f"y {name}": y, f"gain {name}": model.gain.grad, f"x {name}": x.grad}
    x = signals["a"].detach()
    with torch.no_grad():
        seen["silent"] = model(x)
    twin = copy.deepcopy(model)
    with torch.no_grad():
        model.gain.fill_(other)
    seen |= {"moved": model(x), "twin": twin(x)}
    loaded = notebook["LinearGain"]()
    loaded.load_state_dict(model.state_dict())
    with torch.no_grad():
        model.gain.fill_(gain)
    return seen | {"loaded": loaded(x), "back": model(x)}
