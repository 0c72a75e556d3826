"""What somebody would write who needs such a file in a bucket, one script for each way; each runs on its own."""
