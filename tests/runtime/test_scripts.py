"""``./run`` up to the supervisor: which Python, which environment, and one sentence where something is lacking.

In a copy of the few files that it reads, with stand-ins for Python: shell scripts that answer as asked.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.runtime.places import BASE

FILES = ["run", "test", "requirements.txt", "dashboard/runtime/venv.sh", "dashboard/runtime/satisfied.py"]
# A Python of a good version whose environments cannot be made: Debian's without python3-venv.
WITHOUT_ENSUREPIP = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexit 0\n'
TOO_OLD = "#!/bin/sh\nexit 1\n"
# An environment that is complete; it tells what it is asked to run.
COMPLETE = f'#!/bin/sh\ncase "$1" in dashboard/*) exec {sys.executable} "$@";; esac\necho "ran $*"\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    top = tmp_path / "a check out"
    for name in FILES:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(BASE / name, top / name)
    (top / "bin").mkdir()
    for tool in ("sh", "dirname", "env"):
        (top / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    return top


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def run(checkout: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    own = {"PATH": str(checkout / "bin"), **environ}
    return subprocess.run(
        ["/bin/sh", str(checkout / "run")], cwd="/", env=own, capture_output=True, text=True, timeout=60
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2 and done.stdout == "", done
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_no_python_is_one_sentence(checkout: Path) -> None:
    program(checkout / "bin" / "python3", TOO_OLD)
    assert "No Python 3.11, 3.12 or 3.13 here: install one" in sentence(run(checkout))


def test_a_wrong_python_is_named(checkout: Path) -> None:
    old = program(checkout / "old", TOO_OLD)
    assert f"PYTHON={old} is no Python 3.11" in sentence(run(checkout, PYTHON=str(old)))


def test_a_missing_ensurepip_names_the_package(checkout: Path) -> None:
    program(checkout / "bin" / "python3", WITHOUT_ENSUREPIP)
    assert "install the package python3-venv" in sentence(run(checkout))


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Path) -> None:
    program(checkout / "bin" / "python3", WITHOUT_ENSUREPIP)
    (checkout / ".venv").mkdir()
    assert ".venv is no virtual environment: move it away" in sentence(run(checkout))


def test_a_link_to_a_broken_environment_is_left_alone(checkout: Path) -> None:
    program(checkout / "bin" / "python3", WITHOUT_ENSUREPIP)
    (checkout / ".venv").symlink_to(checkout / "gone")
    assert ".venv is a link to an environment that does not work" in sentence(run(checkout))


@pytest.mark.parametrize("linked", [False, True])
def test_a_complete_environment_is_used_as_it_is(checkout: Path, linked: bool) -> None:
    place = checkout / ("elsewhere" if linked else ".venv")
    program(place / "bin" / "python", COMPLETE)
    if linked:
        (checkout / ".venv").symlink_to(place)
    done = run(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran -m dashboard.runtime.supervisor\n", "")


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
def test_make_alone_lists_every_target() -> None:
    environ = {"PATH": os.environ["PATH"]}
    said = subprocess.run(["make", "-C", str(BASE)], env=environ, capture_output=True, text=True).stdout
    assert [
        name for name in ("run", "test", "check", "bench", "soak", "audit") if f"make {name} " not in said
    ] == []
