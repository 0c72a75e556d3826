"""Object storage: a bucket on S3 or a folder. The only room that imports obstore."""
