#!/bin/sh
# bare.sh [COMMAND...]
# Runs a command (`make demo && make test` by default) in a fresh clone of this repository, as on a machine that has
# Python and make and nothing else: an empty home, an environment of PATH and HOME alone (and pip's own settings: where
# packages come from), and a PATH on which bubblewrap, browsers and database servers cannot be found, also where they are
# installed.
#
# KEEP=FOLDER keeps the clone there. Without it, all is removed at the end.
# NAMESPACES=no also takes the right to make namespaces, as in most containers.
set -eu
if [ "${NAMESPACES:-}" = no ]; then
    unset NAMESPACES
    exec python3 "$(dirname "$0")/without_namespaces.py" sh "$0" "$@"
fi
here=$(cd "$(dirname "$0")/.." && pwd)
hidden='^(bwrap|chromium.*|google-chrome.*|firefox.*|initdb|postgres|pg_.*|psql|openssl|latex|pandoc|ffmpeg|node|npm)$'

place=${KEEP:-$(mktemp -d)}
mkdir -p "$place/bin" "$place/home"
chmod 755 "$place"
[ -n "${KEEP:-}" ] || trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM

# Every program that is on the path now, but those.
saved=$IFS
IFS=:
for folder in $PATH /usr/local/bin /usr/bin /bin; do
    IFS=$saved
    [ -d "$folder" ] || continue
    for program in "$folder"/*; do
        name=${program##*/}
        [ -x "$program" ] && [ ! -d "$program" ] || continue
        [ -e "$place/bin/$name" ] || [ -L "$place/bin/$name" ] && continue
        printf '%s\n' "$name" | grep -Eq "$hidden" && continue
        ln -s "$program" "$place/bin/$name"
    done
    IFS=:
done
IFS=$saved
# A Python that a version manager has put behind a script is taken by its own path: the script needs a home.
for name in python3.11 python3.12 python3.13 python3.14 python3; do
    real=$("$name" -c 'import sys; print(sys.executable)' 2>/dev/null) || continue
    ln -sf "$real" "$place/bin/$name"
done

rm -rf "$place/kit"
git -c advice.detachedHead=false clone -q "$here" "$place/kit"
cd "$place/kit"
echo "A bare machine: $place/kit, as $(id -un), without bubblewrap, browser and database server."
[ $# -gt 0 ] || set -- sh -c 'make demo && make test'
# Nothing of the environment stays but what says where packages come from.
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
    case $name in
        PIP_* | SSL_CERT_* | *_proxy | *_PROXY | PYTHONS) ;;
        *) unset "$name" 2>/dev/null || true ;;
    esac
done
export PATH="$place/bin" HOME="$place/home"
"$@"
