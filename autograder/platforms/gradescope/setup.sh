#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image of the assignment: /autograder/source/setup.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/../venv
export DEBIAN_FRONTEND=noninteractive
apt-get update
if ! apt-get install -y --no-install-recommends python3.11 python3.11-venv libseccomp2 bubblewrap; then
    echo "The autograder needs Python 3.11. Choose a base image that has it: Ubuntu 22.04, or Debian 12." >&2
    exit 1
fi
python3.11 -m venv "$venv"
"$venv/bin/pip" install --no-cache-dir -r "$here/requirements.txt" -c "$here/constraints.txt"
if "$venv/bin/pip" list 2>/dev/null | grep -q '^nvidia-'; then
    echo "This torch is not the build for the CPU: it has brought several GB of CUDA. Grading works; to make the image" >&2
    echo "smaller, set c.AutograderGradescope.torch_index in nbgrader_config.py, export the zip again and upload it." >&2
fi
"$venv/bin/python" -m compileall -q "$here/kit"
echo "The walls around student code, tried while the image is built:"
PYTHONPATH="$here/kit" "$venv/bin/python" -m autograder doctor || echo "They are tried again for each submission."
