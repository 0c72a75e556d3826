"""Texts of `--parameter-overrides` as SAM reads them, with the pairs that it finds."""

from collections.abc import Mapping
from typing import Final

SAM_READS: Final[Mapping[str, Mapping[str, str]]] = {
    "A=b": {"A": "b"},
    "A=b  C=d ": {"A": "b", "C": "d"},
    'Schedule="cron(0 5 * * ? *)" A=b': {"Schedule": "cron(0 5 * * ? *)", "A": "b"},
    "Schedule='cron(0 5 * * ? *)'": {"Schedule": "cron(0 5 * * ? *)"},
    r"Schedule=cron(0\ 5\ *\ *\ ?\ *)": {"Schedule": "cron(0 5 * * ? *)"},
    "ArchiveTags=team=a&cost=b": {"ArchiveTags": "team=a&cost=b"},
    'ArchiveTags="team=a b&name=O\'Brien"': {"ArchiveTags": "team=a b&name=O'Brien"},
    r'A="say \"no\"" B=c': {"A": 'say "no"', "B": "c"},
    "A='team=a": {"A": "'team=a"},
    "A=it's": {"A": "it's"},
    '"A"=b': {"A": "b"},
    'A="" B=c': {"A": "", "B": "c"},
    "A=arn:aws:secretsmanager:eu-central-1:123456789012:secret:x-1": {
        "A": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x-1"
    },
}
