"""The sizes of files at addresses, asked through pip's own session: run by the environment's Python.

Reads addresses from standard input, one a line, and writes a JSON object {address: bytes}. pip's report holds no sizes,
and pip's session knows this user's certificates, proxies and passwords. What a server does not tell is left out.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pip._internal.commands import create_command


def main() -> None:
    """Answer for all addresses of standard input."""
    command = create_command("download")
    options, _ = command.parse_args(["--timeout", "10", "--retries", "0"])
    with command.get_default_session(options) as session:  # type: ignore[attr-defined]  # pip types only its base class

        def size(address: str) -> int | None:
            parts = urlsplit(address)
            if parts.scheme == "file":
                return Path(unquote(parts.path)).stat().st_size
            try:
                answer = session.head(address, headers={"Accept-Encoding": "identity"}, allow_redirects=True)
            except OSError:  # what requests raises for every failure of the network
                return None
            return int(answer.headers.get("Content-Length", 0)) or None

        addresses = sys.stdin.read().split()
        with ThreadPoolExecutor(8) as pool:
            found = dict(zip(addresses, pool.map(size, addresses), strict=True))
    json.dump({address: bytes_ for address, bytes_ in found.items() if bytes_ is not None}, sys.stdout)


if __name__ == "__main__":
    main()
