"""Builds what is deployed: for this machine, or with --runtime the package for Lambda.

.build/workspace-exports-python3.14-arm64.zip   the package
.build/lambda.zip                               the one built last; template.yaml names it
"""

import argparse
import sys

from local.artifact.building import ROOT, build, build_code
from local.artifact.display import summary
from local.artifact.packaging import Package, PackageTooLarge, package, point
from local.artifact.target import ARCHITECTURES, Target


def main() -> None:
    """Build, and say what was built."""
    parser = argparse.ArgumentParser(
        prog="python -m local.artifact", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runtime", help="as Lambda calls it: python3.14")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default="arm64", help="of Lambda's; arm64 by default")
    arguments = parser.parse_args()
    if arguments.runtime is None:
        artifact = build()
        print(artifact.code, artifact.ric, sep="\n")
        return
    try:
        target = Target.of_runtime(arguments.runtime, arguments.architecture)
        print(summary(_packaged(target), target))
    except (ValueError, PackageTooLarge) as error:
        sys.exit(f"No package: {error}.")


def _packaged(target: Target) -> Package:
    home = ROOT / ".build"
    built = package(build_code(target=target), home / f"workspace-exports-{target.name}.zip")
    point(home / "lambda.zip", built.file)
    return built


if __name__ == "__main__":
    main()
