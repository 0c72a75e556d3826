"""Client of Huawei Cloud Workspace over HTTP: sign in, order, list, download, delete. It does not know the archive."""
