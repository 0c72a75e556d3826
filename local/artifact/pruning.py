"""What the dependencies bring and no handler needs, each with the reason. Patterns are relative to the artifact.

Whole folders rather than what an import trace happens to miss: a line here is a promise that can be read and checked.
What stays on purpose: sources beside their bytecode, for tracebacks; ``METADATA``, by which scanners such as Amazon
Inspector recognise a dependency; licences, which ask to be passed on; ``sboms``, which name the Rust crates inside the
compiled modules.
"""

import shutil
from pathlib import Path

UNUSED = {
    # Of every dependency.
    "bin": "console scripts; they name the interpreter of the machine that installed them",
    "**/__pycache__": "bytecode of another interpreter",
    "**/*.pyi": "stubs, for type checkers",
    "**/py.typed": "a mark for type checkers",
    "**/*.c": "sources of compiled modules",
    "**/tests": "tests",
    "**/test_*.py": "tests",
    "*.dist-info/RECORD": "the installer's list of what it installed",
    "*.dist-info/INSTALLER": "the installer's note to itself",
    "*.dist-info/REQUESTED": "the installer's note to itself",
    "*.dist-info/direct_url.json": "the installer's note to itself",
    "*.dist-info/uv_cache.json": "the installer's note to itself",
    "*.dist-info/WHEEL": "how the wheel was built",
    "*.dist-info/entry_points.txt": "console scripts and plugins; none is used, and pydantic would look for some",
    "*.dist-info/top_level.txt": "setuptools' note to itself",
    # Of one.
    "annotated_types/test_cases.py": "tests",
    "anyio": "httpx needs it for its asynchronous client only, and does without",
    "anyio-*.dist-info": "goes with anyio",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui": "1.7 MB of a documentation page that is not served",
    "aws_lambda_powertools/utilities/auth_alpha": "JWT and OAuth 2; callers are signed by IAM",
    "aws_lambda_powertools/utilities/batch": "no queue or stream is read",
    "aws_lambda_powertools/utilities/circuit_breaker": "needs DynamoDB; the state machine backs off",
    "aws_lambda_powertools/utilities/data_masking": "needs the AWS Encryption SDK",
    "aws_lambda_powertools/utilities/feature_flags": "needs AppConfig and boto3",
    "aws_lambda_powertools/utilities/idempotency": "needs DynamoDB; the order book does that",
    "aws_lambda_powertools/utilities/kafka": "no Kafka",
    "aws_lambda_powertools/utilities/parameters": "needs boto3; secrets are read over httpx",
    "aws_lambda_powertools/utilities/parser": "events are parsed by contracts of our own",
    "aws_lambda_powertools/utilities/streaming": "needs boto3; objects are read through obstore",
    "aws_lambda_powertools/utilities/validation": "needs fastjsonschema; contracts are pydantic's",
    "httpx/_main.py": "httpx on the command line",
    "idna/uts46data.py": "mapping of names as people type them (uts46=True), which httpx does not ask for",
    "obstore/auth": "sign-in to other clouds, or by boto3",
    "obstore/fsspec.py": "needs fsspec",
    "pydantic/mypy.py": "a plugin for mypy",
    "pydantic/v1": "pydantic 1; imported only for models that still have __get_validators__",
}


def prune(tree: Path) -> None:
    """Remove what is listed from a folder of installed dependencies."""
    for pattern in UNUSED:
        for path in sorted(tree.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
