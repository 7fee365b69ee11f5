"""Hidden tests of the assignment `differentiable_gain`: a test file an exercise, the probes it asks with beside it."""
