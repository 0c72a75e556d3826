"""An S3 bucket on loopback whose objects nobody had to write: its keys are in memory, its contents are made when read.

Whatever it is called by is its name. It lists as S3 does: in order, a thousand keys at a time, from any key on. It
counts what it is asked by S3's names, and verifies no signature, so that a million objects cost what their keys take.
"""

import asyncio
import hashlib
import secrets
import threading
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Self
from unittest.mock import patch
from xml.sax.saxutils import escape

from aiohttp import web

from workspace_exports.storage import s3

PAGE = 1000
"""As many keys as S3 lists at once."""

_HOST = "127.0.0.1"
_BEHIND = "\U0010ffff"
_NOMINAL_BYTES = 900
_LARGEST_BODY_BYTES = 64 * 1024 * 1024
_LISTED_AT = "2026-11-01T00:00:00.000Z"
_HTTP_DATE = "Sun, 01 Nov 2026 00:00:00 GMT"
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

Content = Callable[[str], bytes | None]


def e_tag(key: str) -> str:
    """Of an object that nobody wrote."""
    return f'"{hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a listing.

    Attributes:
        folders: What the delimiter rolled up.
        rest: Behind which key the next page begins; None on the last one.
    """

    keys: list[str]
    folders: list[str]
    rest: str | None


class Objects:
    """What is in the bucket: the given keys, and what has been written since."""

    def __init__(self, keys: Iterable[str] = (), content: Content = lambda _: None) -> None:
        self._keys = sorted(keys)
        self._content = content
        self._written: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def read(self, key: str) -> bytes | None:
        """None where there is nothing."""
        if key in self._written:
            return self._written[key]
        return self._content(key) if self._has(key) else None

    def write(self, key: str, content: bytes) -> None:
        """In the place of whatever was there."""
        if not self._has(key):
            insort(self._keys, key)
        self._written[key] = content

    def delete(self, key: str) -> None:
        """Remove the object, if there is one."""
        self._written.pop(key, None)
        if self._has(key):
            del self._keys[bisect_left(self._keys, key)]

    def page(self, prefix: str, after: str, delimiter: str) -> Page:
        """The keys below the prefix and behind that one."""
        keys: list[str] = []
        folders: list[str] = []
        at = max(bisect_left(self._keys, prefix), bisect_right(self._keys, after))
        last = ""
        while at < len(self._keys) and (key := self._keys[at]).startswith(prefix):
            if len(keys) + len(folders) == PAGE:
                return Page(keys, folders, last)
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                keys.append(key)
                last, at = key, at + 1
            else:
                folders.append(key[: cut + 1])
                last = key[: cut + 1] + _BEHIND
                at = bisect_left(self._keys, last)
        return Page(keys, folders, None)

    def e_tag(self, key: str) -> str:
        """Another one once the object is another."""
        return e_tag(self._written[key].hex() if key in self._written else key)

    def size_bytes(self, key: str) -> int:
        """As a listing says it; nominal, of what nobody wrote."""
        return len(self._written[key]) if key in self._written else _NOMINAL_BYTES

    def _has(self, key: str) -> bool:
        at = bisect_left(self._keys, key)
        return at < len(self._keys) and self._keys[at] == key


@dataclass
class Bucket:
    """The bucket's server, in a thread of its own, while it is entered.

    Attributes:
        objects: What is in it.
        requests: How often it was asked for what, since it was emptied last.
    """

    objects: Objects
    requests: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._uploads: dict[str, dict[int, bytes]] = {}
        # AWS promises to list in the order of keys; stores that are opened meanwhile take this machine for AWS.
        self._promise = patch.object(s3, "IN_ORDER", (*s3.IN_ORDER, _HOST))
        self._port: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="bucket", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._port.result()
        self._promise.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._promise.stop()
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    @property
    def environment(self) -> dict[str, str]:
        """What leads a function here."""
        return {
            "ARCHIVE_URL": "s3://archive",
            "AWS_ENDPOINT_URL": f"http://{_HOST}:{self._port.result()}",
            "AWS_ACCESS_KEY_ID": "a-key",
            "AWS_SECRET_ACCESS_KEY": "a-secret",
            "AWS_REGION": "us-east-1",
        }

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        app = web.Application(client_max_size=_LARGEST_BODY_BYTES)
        app.router.add_route("*", "/{bucket:[^/]+}{key:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, _HOST, 0).start()
            self._port.set_result(runner.addresses[0][1])
            await self._stopping.wait()
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        key, query = request.match_info["key"].removeprefix("/"), request.query
        if request.method == "GET":
            return self._read(key) if key else self._list(query)
        if request.method == "DELETE":
            self.requests["DeleteObject"] += 1
            self.objects.delete(key)
            return web.Response(status=204)
        return self._take(request.method, key, query, request.headers, await request.read())

    def _read(self, key: str) -> web.Response:
        self.requests["GetObject"] += 1
        content = self.objects.read(key)
        if content is None:
            return _xml("<Error><Code>NoSuchKey</Code></Error>", status=404)
        return web.Response(body=content, headers={"ETag": self.objects.e_tag(key), "Last-Modified": _HTTP_DATE})

    def _list(self, query: Mapping[str, str]) -> web.Response:
        self.requests["ListObjectsV2"] += 1
        after = query.get("continuation-token") or query.get("start-after", "")
        page = self.objects.page(query.get("prefix", ""), after, query.get("delimiter", ""))
        listed = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{_LISTED_AT}</LastModified>"
            f"<ETag>{escape(self.objects.e_tag(key))}</ETag><Size>{self.objects.size_bytes(key)}</Size></Contents>"
            for key in page.keys
        )
        folders = "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in page.folders)
        rest = f"<NextContinuationToken>{escape(page.rest)}</NextContinuationToken>" if page.rest else ""
        truncated = str(page.rest is not None).lower()
        return _xml(
            f"<ListBucketResult {_NAMESPACE}><IsTruncated>{truncated}</IsTruncated>{rest}{listed}{folders}"
            "</ListBucketResult>"
        )

    def _take(
        self, method: str, key: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> web.Response:
        if "uploads" in query:
            self.requests["CreateMultipartUpload"] += 1
            upload = secrets.token_hex(8)
            self._uploads[upload] = {}
            return _xml(
                f"<InitiateMultipartUploadResult {_NAMESPACE}><UploadId>{upload}</UploadId>"
                "</InitiateMultipartUploadResult>"
            )
        if method == "POST":
            self.requests["CompleteMultipartUpload"] += 1
            parts = self._uploads.pop(query["uploadId"])
            self.objects.write(key, b"".join(parts[number] for number in sorted(parts)))
            tag = escape(self.objects.e_tag(key))
            return _xml(
                f"<CompleteMultipartUploadResult {_NAMESPACE}><ETag>{tag}</ETag></CompleteMultipartUploadResult>"
            )
        if "partNumber" in query:
            self.requests["UploadPart"] += 1
            self._uploads[query["uploadId"]][int(query["partNumber"])] = body
            return web.Response(headers={"ETag": e_tag(query["partNumber"])})
        self.requests["PutObject"] += 1
        if headers.get("If-None-Match") == "*" and self.objects.read(key) is not None:
            return _xml("<Error><Code>PreconditionFailed</Code></Error>", status=412)
        self.objects.write(key, body)
        return web.Response(headers={"ETag": self.objects.e_tag(key)})


def _xml(text: str, status: int = 200) -> web.Response:
    return web.Response(
        text=f'<?xml version="1.0" encoding="UTF-8"?>{text}', status=status, content_type="application/xml"
    )
