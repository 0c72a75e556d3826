"""The way to other machines as the environment describes it, read and checked here for every library that goes there.

proxies        the proxy for each host
certificates   the certificates that are trusted instead of the usual ones
aws            the domains and endpoints of AWS's services
variables      one variable, as people and their tools write it
failures       the reason why a call over HTTP got no answer

All but the last do without an HTTP client.
"""
