"""A small trainer class keeps the model, the loss and the history."""

# %% before fit_gain
from dataclasses import dataclass, field


@dataclass
class Trainer:
    model: torch.nn.Module
    loss_fn: object
    lr: float
    history: list = field(default_factory=list)

    def step(self, source, target):
        self.history.append(self.model.gain.item())
        self.model.zero_grad(set_to_none=True)
        loss = self.loss_fn(self.model(source), target)
        loss.backward()
        with torch.no_grad():
            for p in self.model.parameters():
                if p.grad is not None:
                    p.copy_(p - self.lr * p.grad)

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    trainer = Trainer(model, loss_fn, lr)
    for _ in range(n_iter):
        trainer.step(source, target)
    return trainer.history
