"""`make release`: the package and a template without a transform, to be put into a bucket side by side.

.build/release/workspace-exports-python3.14-arm64-DIGEST.zip    the package, named by what is in it
.build/release/workspace-exports-python3.14-arm64-DIGEST.json   the template that goes with it
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from local.artifact.building import ROOT, build_code
from local.artifact.packaging import Package, PackageTooLarge, package
from local.artifact.target import ARCHITECTURES, Target
from local.release.template import MOST_BYTES_BY_URL, released

RELEASE = ROOT / ".build" / "release"
_SAID = """\
{package}
{template}
          {size:,} bytes of the {limit:,} that CloudFormation reads from S3

Put both into a bucket of the region where the stack is to be:
  aws s3 cp --recursive {folder} s3://BUCKET/PREFIX/
Then open, signed in to AWS:
  https://console.aws.amazon.com/cloudformation/home?region=REGION#/stacks/create/review?stackName=workspace-exports\
&templateURL=https://BUCKET.s3.REGION.amazonaws.com/PREFIX/{template_name}\
&param_CodeBucket=BUCKET&param_CodeKey=PREFIX/{package_name}"""


def write(folder: Path, target: Target) -> tuple[Package, Path]:
    """Make the release in a folder that holds nothing else afterwards; the package and the template.

    Raises:
        PackageTooLarge: The package is over its budget; an earlier release is gone.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    unnamed = folder / f"workspace-exports-{target.name}.zip"
    built = package(build_code(target=target), unnamed)
    named = unnamed.rename(unnamed.with_stem(f"{unnamed.stem}-{built.sha256.hex()[:16]}"))
    template = named.with_suffix(".json")
    template.write_text(released(named.name, target), encoding="utf-8")
    return Package(named, built.sha256, built.parts, built.compiled), template


def main() -> None:
    """Write the release, and say how to launch it."""
    parser = argparse.ArgumentParser(
        prog="python -m local.release", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runtime", required=True, help="as Lambda calls it: python3.14")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default="arm64", help="of Lambda's; arm64 by default")
    arguments = parser.parse_args()
    try:
        built, template = write(RELEASE, Target.of_runtime(arguments.runtime, arguments.architecture))
    except (ValueError, PackageTooLarge) as error:
        sys.exit(f"No release: {error}.")
    size = template.stat().st_size
    print(
        _SAID.format(
            package=os.path.relpath(built.file),
            template=os.path.relpath(template),
            size=size,
            limit=MOST_BYTES_BY_URL,
            folder=os.path.relpath(RELEASE),
            template_name=template.name,
            package_name=built.file.name,
        )
    )
    if size > MOST_BYTES_BY_URL:
        sys.exit("No release: CloudFormation takes no template of that size.")


if __name__ == "__main__":
    main()
