"""Where an artifact is to run."""

import sys
from dataclasses import dataclass
from typing import Literal, Self, get_args

Architecture = Literal["arm64", "x86_64"]
"""As Lambda calls them."""

ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_OLDEST_GLIBC = 17
_AMAZON_LINUX_2023, _AMAZON_LINUX_2 = 34, 26
"""The minor version of their glibc."""


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
    def pip_options(self) -> list[str]:
        """Which wheels pip is to take; its own choice, for this machine."""
        if self.architecture is None:
            return []
        abi = f"cp{self.python[0]}{self.python[1]}"
        options = ["--python-version", self.version, "--implementation", "cp"]
        options += [option for name in (abi, "abi3", "none") for option in ("--abi", name)]
        return options + [option for platform in self._platforms() for option in ("--platform", platform)]

    @property
    def uv_options(self) -> list[str]:
        """Options of uv for the same wheels; it does not know glibc 2.26, and takes those for 2.17 instead."""
        if self.architecture is None:
            return []
        glibc = self._glibc if self._glibc == _AMAZON_LINUX_2023 else _OLDEST_GLIBC
        platform = f"{_MACHINES[self.architecture]}-manylinux_2_{glibc}"
        return ["--python-version", self.version, "--python-platform", platform]

    @property
    def _glibc(self) -> int:
        return _AMAZON_LINUX_2023 if self.python >= (3, 12) else _AMAZON_LINUX_2

    def _platforms(self) -> list[str]:
        """The newest first."""
        machine = _MACHINES[self.architecture or ""]
        perennial = [f"manylinux_2_{glibc}_{machine}" for glibc in range(self._glibc, _OLDEST_GLIBC - 1, -1)]
        return [*perennial, f"manylinux2014_{machine}"]


THIS_MACHINE = Target(sys.version_info[:2], None)
