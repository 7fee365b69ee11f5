"""Probes of `LinearGain`. This text is sent into the sandbox: it holds questions, no answers."""
import torch


def construct(notebook, how, gain=None):
    """A new model, and where its gain starts."""
    LinearGain = notebook["LinearGain"]
    model = LinearGain() if how == "default" else LinearGain(gain) if how == "position" else LinearGain(gain=gain)
    return {"module": isinstance(model, torch.nn.Module), "gain": model.gain}


def learn(notebook, gain, slope, lr):
    """What a new model can learn, and its gain after one step of an optimiser along a given slope."""
    model = notebook["LinearGain"](gain)
    learnable = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    for _, parameter in learnable:
        parameter.grad = torch.full_like(parameter, slope)
    torch.optim.SGD(model.parameters(), lr=lr).step()
    return {
        "names": [name for name, _ in learnable],
        "count": sum(parameter.numel() for _, parameter in learnable),
        "floating": all(parameter.is_floating_point() for _, parameter in learnable),
        "gain": model.gain,
    }


def independent(notebook, first, second):
    """Two models, one of them changed after both are made."""
    one, two = notebook["LinearGain"](first), notebook["LinearGain"](second)
    with torch.no_grad():
        one.gain.add_(1.0)
    x = torch.ones(3)
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
    """One step of an optimiser, then double precision."""
    model = notebook["LinearGain"](gain)
    optimiser = torch.optim.SGD(model.parameters(), lr=lr)
    y = model(x)
    y.backward(upstream.reshape(y.shape))
    optimiser.step()
    stepped = model(x)
    model.double()
    return {"stepped": stepped, "double": model(x.double())}
