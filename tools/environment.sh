#!/bin/sh
# environment.sh FOLDER PYTHON...
# Makes the virtual environment FOLDER with the first of these Pythons that the kit supports, and installs the kit there.
set -eu
cd "$(dirname "$0")/.."
folder=$1
shift

# Says its version, and exits with 0 where pyproject.toml supports it, 3 where it does not.
supported='
import re, sys
line = re.search(r"^requires-python = \"(.*)\"", open("pyproject.toml").read(), re.M).group(1)
bounds = [(part[:-len(number)], tuple(map(int, number.split(".")))) for part in line.split(",")
          for number in [part.lstrip(">=< ")]]
sys.stdout.write(".".join(map(str, sys.version_info[:3])))
here = sys.version_info[:2]
sys.exit(0 if all(here >= bound if sign.strip() == ">=" else here < bound for sign, bound in bounds) else 3)
'
wanted=$(sed -n 's/^requires-python = "\(.*\)"/\1/p' pyproject.toml)
python=
seen=
for name in "$@"; do
    command -v "$name" >/dev/null 2>&1 || continue
    if version=$("$name" -c "$supported" 2>/dev/null); then
        if "$name" -c 'import ensurepip, venv' 2>/dev/null; then
            python=$name
            break
        fi
        seen="$seen; $name is $version, but cannot make virtual environments (on Debian and Ubuntu: apt-get install python${version%.*}-venv)"
    elif [ -n "$version" ]; then
        seen="$seen; $name is $version"
    fi
done
if [ -z "$python" ]; then
    echo "The kit needs Python $wanted, and there is none among $*${seen}. Install one, or name yours: make PYTHON=/path/to/python" >&2
    exit 1
fi

echo "Making $folder with Python $version ($(command -v "$python"))."
"$python" -m venv "$folder"
echo "Installing what the kit needs into $folder, about 1.5 GB with PyTorch. This takes a few minutes, once."
pip="$folder/bin/python -m pip --disable-pip-version-check install --progress-bar on"
$pip --require-hashes --no-deps -r walls.txt
$pip -c constraints.txt -e '.[dev]'
echo "$folder is ready."
