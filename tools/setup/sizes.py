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
from pip._internal.network.session import PipSession


def file_size(session: PipSession, address: str) -> int | None:
    """The size in bytes of the file at an address, None if it cannot be told."""
    parts = urlsplit(address)
    try:
        if parts.scheme == "file":
            return Path(unquote(parts.path)).stat().st_size
        answer = session.head(address, headers={"Accept-Encoding": "identity"}, allow_redirects=True)
    except OSError:  # also what pip's session raises for every failure of the network
        return None
    return int(answer.headers.get("Content-Length", 0)) or None if answer.ok else None


def main() -> None:
    """Answer for all addresses of standard input."""
    addresses = sys.stdin.read().split()
    command = create_command("download")
    options, _ = command.parse_args(["--timeout", "10", "--retries", "0"])
    with command.main_context(), ThreadPoolExecutor(8) as pool:
        session = command.get_default_session(options)  # type: ignore[attr-defined]  # pip types only its base class
        sizes = pool.map(lambda address: file_size(session, address), addresses)
        told = {address: size for address, size in zip(addresses, sizes, strict=True) if size}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
