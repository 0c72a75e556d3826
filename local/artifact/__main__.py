"""Builds what is deployed, for this machine or, with --runtime and --architecture, as the package for Lambda.

    .build/workspace-exports-python3.13-arm64.zip   the package
    .build/lambda.zip                               the one built last, which template.yaml names
"""

import argparse
import sys

from local.artifact.building import ROOT, build, build_code
from local.artifact.bytecode import compiler
from local.artifact.packaging import BUDGET_BYTES, MIB, Package, PackageTooLarge, Size, package, point
from local.artifact.target import ARCHITECTURES, Target

_LARGEST = 8


def main() -> None:
    """Build, and name what was built."""
    parser = argparse.ArgumentParser(
        prog="python -m local.artifact", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runtime", help="Lambda's, for example python3.13; without it, for this machine")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default="arm64")
    arguments = parser.parse_args()
    if arguments.runtime is None:
        artifact = build()
        print(artifact.code, artifact.ric, sep="\n")
        return
    try:
        target = Target.of_runtime(arguments.runtime, arguments.architecture)
        _show(_packaged(target), target)
    except (ValueError, PackageTooLarge) as error:
        sys.exit(f"No package: {error}.")


def _packaged(target: Target) -> Package:
    home = ROOT / ".build"
    built = package(build_code(target=target), home / f"workspace-exports-{target.name}.zip")
    point(home / "lambda.zip", built.file)
    return built


def _show(built: Package, target: Target) -> None:
    parts = list(built.parts.items())
    rest = [size for _, size in parts[_LARGEST:]]
    rows = [*parts[:_LARGEST], (f"{len(rest)} more", Size(sum(s.zipped for s in rest), sum(s.unpacked for s in rest)))]
    print(built.file.relative_to(ROOT))
    print(f"SHA-256   {built.sha256.hex()}")
    print(f"          {built.code_sha256}  as Lambda shows it, CodeSha256")
    print(f"zipped    {built.size.zipped / MIB:.2f} MiB of the {BUDGET_BYTES / MIB:g} allowed")
    print(f"unpacked  {built.size.unpacked / MIB:.2f} MiB")
    print(f"\n{'part':<30}{'zipped':>8}{'unpacked':>10}  MiB")
    for name, size in rows:
        print(f"{name:<30}{size.zipped / MIB:>8.2f}{size.unpacked / MIB:>10.2f}")
    if compiler(target.python) is None:
        print(
            f"\nWithout bytecode: no Python {target.version} was found on PATH, at pyenv's or uv's place. The package "
            "works, but every cold start compiles what it imports; docs/deploy.md says what that costs. Make a "
            f"python{target.version} available and build again."
        )


if __name__ == "__main__":
    main()
