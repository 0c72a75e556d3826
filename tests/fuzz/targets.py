"""Which targets there are, their seeds, and what was ever found by them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.fuzz import answers, files, headers, requests, tasks

FINDS = Path(__file__).parents[1] / "data" / "fuzz"
"""In a folder for every target, by the digest of their content; the suite checks each again for ever."""


@dataclass(frozen=True)
class Target:
    """One reader under test.

    Attributes:
        name: of its module, and of the folder of its finds.
        check: the oracle: raises for a fault of the product.
        seeds: what the fuzzer begins with.
        largest_bytes: how long the fuzzer makes its inputs.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    largest_bytes: int

    @property
    def finds(self) -> list[Path]:
        """Inputs that the product failed at once."""
        return sorted(path for path in (FINDS / self.name).glob("*") if path.is_file())


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        target.name: target
        for target in (
            Target("files", files.check, files.seeds, 16_384),
            Target("answers", answers.check, answers.seeds, 65_536),
            Target("headers", headers.check, headers.seeds, 2_048),
            Target("tasks", tasks.check, tasks.seeds, 8_192),
            Target("requests", requests.check, requests.seeds, 8_192),
        )
    }
)
