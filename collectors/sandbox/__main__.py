"""``python -m collectors.sandbox``: say which layers this machine lacks; with ``--all`` every layer.

``make run`` says it at its start; the layers of each collection stand on its page.
"""

from __future__ import annotations

import sys

from collectors.sandbox import SandboxError, layers


def main(arguments: list[str]) -> int:
    try:
        found = layers()
    except SandboxError as error:
        print(error)
        return 1
    for name, held, sentence in found:
        if not held or "--all" in arguments:
            print(f"Sandbox, {name}{'' if held else ' missing'}: {sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
