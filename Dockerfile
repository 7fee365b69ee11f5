# For graders on macOS and Windows, where the walls around student code do not exist: a Linux with everything pinned.
#
#   docker build -t autograder .
#   docker run --rm -it --security-opt seccomp=unconfined --security-opt systempaths=unconfined \
#       -v "$PWD":/course autograder autograder doctor
#
# docs/container.md says what the two options are for, and what was and was not tried.
FROM python:3.11.13-slim-bookworm

# bubblewrap is the outer wall, libseccomp the inner one.
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/*

# Student code never has the rights of root, nor of this user outside its walls.
RUN useradd --create-home --uid 1000 grader

# The packages first: a change of the kit then leaves this layer as it is.
# To get PyTorch's build for the CPU alone: --build-arg TORCH_INDEX=https://..., the address on PyTorch's page on installing.
ARG TORCH_INDEX=
WORKDIR /kit
COPY pyproject.toml constraints.txt walls.txt README.md ./
COPY autograder ./autograder
RUN python -m venv /opt/autograder \
    && /opt/autograder/bin/pip install --no-cache-dir --require-hashes --no-deps -r walls.txt \
    && /opt/autograder/bin/pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -c constraints.txt . \
    && if [ -n "$TORCH_INDEX" ] && /opt/autograder/bin/pip list | grep -q '^nvidia-'; then \
           echo "This torch is not the build for the CPU." >&2; exit 1; fi

ENV PATH=/opt/autograder/bin:$PATH \
    OMP_NUM_THREADS=1 \
    PYTHONUTF8=1
USER grader
WORKDIR /course
CMD ["autograder", "doctor"]
