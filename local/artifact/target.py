"""Where an artifact is to run."""

import sys
from dataclasses import dataclass
from typing import Literal, Self, get_args

Architecture = Literal["arm64", "x86_64"]
"""As Lambda calls them."""

ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_AMAZON_LINUX_2023, _OLDEST_GLIBC = 34, 17
"""Minor versions of glibc."""


@dataclass(frozen=True, slots=True)
class Target:
    """A Python and a machine.

    Attributes:
        python: Major and minor version.
        architecture: None is this machine, which need not be a Linux.
    """

    python: tuple[int, int]
    architecture: Architecture | None

    @classmethod
    def of_runtime(cls, runtime: str, architecture: Architecture) -> Self:
        """A runtime as Lambda calls it, such as python3.14.

        Raises:
            ValueError: It is none.
        """
        language, _, minor = runtime.partition("3.")
        if language != "python" or not minor.isdecimal():
            raise ValueError(f"{runtime!r} is no Python runtime of Lambda; one is python3.14")
        return cls((3, int(minor)), architecture)

    @property
    def name(self) -> str:
        """Such as python3.14-arm64."""
        return f"python{self.version}-{self.architecture or 'here'}"

    @property
    def version(self) -> str:
        """Such as 3.14."""
        return ".".join(map(str, self.python))

    @property
    def uv_options(self) -> list[str]:
        """Which wheels uv is to take; its own choice, for this machine."""
        if self.architecture is None:
            return []
        platform = f"{_MACHINES[self.architecture]}-manylinux_2_{self._glibc}"
        return ["--python-version", self.version, "--python-platform", platform]

    @property
    def pip_options(self) -> list[str]:
        """Options of pip for the same wheels; it has to be told each, the newest first."""
        if self.architecture is None:
            return []
        machine, abi = _MACHINES[self.architecture], f"cp{self.python[0]}{self.python[1]}"
        platforms = [f"manylinux_2_{glibc}_{machine}" for glibc in range(self._glibc, _OLDEST_GLIBC - 1, -1)]
        options = ["--python-version", self.version, "--implementation", "cp"]
        options += [option for name in (abi, "abi3", "none") for option in ("--abi", name)]
        return options + [o for platform in (*platforms, f"manylinux2014_{machine}") for o in ("--platform", platform)]

    @property
    def _glibc(self) -> int:
        """Of Amazon Linux 2023; of Amazon Linux 2, whose 2.26 uv does not know, the oldest."""
        return _AMAZON_LINUX_2023 if self.python >= (3, 12) else _OLDEST_GLIBC


THIS_MACHINE = Target(sys.version_info[:2], None)
