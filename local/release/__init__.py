"""A release: one template without a transform, and the package that it names.

``template`` translates `template.yaml`; ``python -m local.release`` writes the release.
"""
