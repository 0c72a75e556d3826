"""A package index of the test's own on loopback, made from the locks: empty wheels under the names of real packages.

Each pinned release is there, and a newer one of everything. Each dependency that a lock mentions is one on an extra,
for which an installer that resolves anything looks at all releases.
"""

import hashlib
import io
import re
import threading
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NEWER = "9999"
_PIN = re.compile(r"^([\w.-]+)==(\S+?)(?: ; (.+?))? \\$")
_PARENT = re.compile(r"^    #(?: via)? +(?:via )?([a-z0-9][\w.-]*)$")


@dataclass(frozen=True, slots=True)
class Pin:
    """A line of a lock: a release, where it is to be installed, and what asks for it."""

    name: str
    version: str
    marker: str | None
    parents: tuple[str, ...]


def read_lock(lock: Path) -> list[Pin]:
    pins: list[tuple[str, str, str | None, list[str]]] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pin := _PIN.match(line):
            pins.append((pin[1], pin[2], pin[3], []))
        elif parent := _PARENT.match(line):
            pins[-1][3].append(parent[1])
    return [Pin(name, version, marker, tuple(parents)) for name, version, marker, parents in pins]


def wheel(name: str, version: str, requires: Sequence[str] = (), files: Mapping[str, str] | None = None) -> bytes:
    """A wheel with metadata and these files; the same input makes the same bytes."""
    stem = f"{_underscored(name)}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Provides-Extra: extra"]
    content = {
        f"{stem}/METADATA": "\n".join([*metadata, *(f"Requires-Dist: {one}" for one in requires), ""]),
        f"{stem}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{stem}/RECORD": "",
        **(files or {}),
    }
    with zipfile.ZipFile(made := io.BytesIO(), "w") as archive:
        for path, text in content.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), text)
    return made.getvalue()


@dataclass
class PackageIndex:
    """Files by project, served as a simple index; counts the files that were asked for.

    Attributes:
        holding: While it is clear, files are announced and not sent.
    """

    files: dict[str, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    downloads: list[str] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    holding: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def add(self, name: str, version: str, content: bytes) -> str:
        """Offer a wheel; gives its SHA-256."""
        self.files[_dashed(name)][f"{_underscored(name)}-{version}-py3-none-any.whl"] = content
        return hashlib.sha256(content).hexdigest()

    @contextmanager
    def serving(self) -> Iterator["PackageIndex"]:
        index = self
        index.holding.set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                found = index.answer(self.path)
                self.send_response(200 if found else 404)
                content, kind = found or (b"", "text/plain")
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.path.endswith(".whl"):
                    index.asked.set()
                    index.holding.wait()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            index.url = f"http://127.0.0.1:{server.server_port}/simple"
            yield index
            index.holding.set()
            server.shutdown()

    def answer(self, path: str) -> tuple[bytes, str] | None:
        parts = path.strip("/").split("/")
        files = self.files.get(parts[1], {}) if len(parts) > 1 else {}
        if len(parts) == 3 and parts[2] in files:
            self.downloads.append(parts[2])
            return files[parts[2]], "application/octet-stream"
        if len(parts) != 2 or not files:
            return None
        links = (f'<a href="{name}#sha256={hashlib.sha256(one).hexdigest()}">{name}</a>' for name, one in files.items())
        return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode(), "text/html"


def fill(index: PackageIndex, locks: Path, destination: Path) -> dict[str, list[Pin]]:
    """Offer all that the locks in a folder pin, and newer; write locks with the digests of what is offered."""
    read = {lock.stem: read_lock(lock) for lock in locks.glob("*.txt")}
    children: defaultdict[str, set[str]] = defaultdict(set)
    for pin in (pin for pins in read.values() for pin in pins):
        for parent in pin.parents:
            children[parent].add(f"{pin.name}[extra]" + (f" ; {pin.marker}" if pin.marker else ""))
    for name, pins in read.items():
        lines = []
        for pin in pins:
            requires = sorted(children[pin.name])
            digest = index.add(pin.name, pin.version, wheel(pin.name, pin.version, requires))
            index.add(pin.name, NEWER, wheel(pin.name, NEWER, requires))
            marker = f" ; {pin.marker}" if pin.marker else ""
            lines.append(f"{pin.name}=={pin.version}{marker} \\\n    --hash=sha256:{digest}\n")
        (destination / f"{name}.txt").write_text("".join(lines))
    return read


def _underscored(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name)


def _dashed(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
