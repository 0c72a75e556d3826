"""Huawei Cloud Workspace over HTTP: signing, errors, tasks, files. Knows nothing of the archive."""
