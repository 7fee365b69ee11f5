"""Answers of 400 MB, of a stride of zero, and sparse, quantised, meta and complex tensors."""
# earns: test_spectral_loss=0 test_recover_gain=0
# limits: cell=20 question=10 submission=60 memory=1500000000

# %% spectral_loss
odd = [lambda: torch.zeros(10**8), lambda: torch.zeros(()).expand(10**12), lambda: torch.zeros(3, 3).to_sparse(),
       lambda: torch.zeros(3, device="meta"), lambda: torch.zeros(3) * 1j, lambda: torch.zeros((1,) * 60),
       lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), lambda: torch.zeros(0)]
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()

    def forward(self, x, y):
        odd.append(odd.pop(0))
        return odd[0]()
