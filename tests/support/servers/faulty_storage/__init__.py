"""Storage that injects faults: it stands before any S3, and its calls meet what storage can do to callers.

`with MisbehavingStorage(endpoint) as storage: storage.script("put", FAULTS["SlowDown"])`, and AWS_ENDPOINT_URL is
`storage.url`.
"""
