"""Makes the Python modules of the two grammars: `python generate.py [SHEPOT_PROTO CONTENT_PROTO]`."""

from __future__ import annotations

import sys
from pathlib import Path

from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GRAMMARS = [ROOT / "crates/protocol/proto/shepot.proto", ROOT / "crates/client/proto/content.proto"]


def main() -> int:
    """Runs the compiler; gives its result."""
    for grammar in [Path(argument) for argument in sys.argv[1:]] or GRAMMARS:
        out = HERE / "shepot"
        options = [f"-I{grammar.parent}", f"--python_out={out}", f"--pyi_out={out}", str(grammar)]
        if protoc.main(["protoc", *options]):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
