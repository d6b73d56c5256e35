# Sourced by run, test and the Makefile from the top of the checkout: makes .venv, or takes one that is complete.

fail() {
    echo "$1" >&2
    exit 2
}

python_is_right() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

# Prints the first Python that Clerestory runs on; PYTHON names one outright.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        python_is_right "$PYTHON" || fail "PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13: name one that is."
        echo "$PYTHON"
        return
    fi
    for candidate in python3.11 python3.12 python3.13 python3; do
        if python_is_right "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "No Python 3.11, 3.12 or 3.13 here: install one (Debian: the packages python3 and python3-venv), or name it with PYTHON=/path/to/python."
}

make_venv() {
    python=$(find_python) || exit 2
    if [ -L .venv ]; then
        fail ".venv is a link to an environment that does not work or is not complete: mend that one, or remove the link."
    fi
    if [ -e .venv ] && [ ! -f .venv/pyvenv.cfg ]; then
        fail ".venv is no virtual environment: move it away, and the next start makes one."
    fi
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "$python cannot make a virtual environment: install the package python3-venv (apt-get install python3-venv) and start again."
    echo "Making .venv with $("$python" --version) ..." >&2
    "$python" -m venv --clear .venv || fail "$python could not make .venv (its message is above)."
}

# use_venv FILE: .venv has what the requirements file asks for, or the script ends with a sentence.
use_venv() {
    export PYTHONUTF8=1
    satisfied=dashboard/runtime/satisfied.py
    if .venv/bin/python "$satisfied" "$1" >/dev/null 2>&1; then
        return
    fi
    if [ -L .venv ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        make_venv
    fi
    echo "Installing what $1 asks for ..." >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: -r "$1" ||
        fail "pip could not install what $1 asks for: the package that its message above names has no wheel for this machine, or the package index cannot be reached."
    .venv/bin/python "$satisfied" "$1" || fail ".venv lacks what is named above: remove .venv and start again."
}
