"""YAML as it is committed: in the order given, without anchors, in plain UTF-8."""

from typing import Any

import yaml


def yaml_text(value: Any) -> str:
    """The text of a value."""
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    """Without anchors: what is said twice is read where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is referred to."""
        return True
