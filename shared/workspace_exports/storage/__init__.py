"""Object storage: a bucket on S3 or a folder. This is the only package that imports obstore."""
