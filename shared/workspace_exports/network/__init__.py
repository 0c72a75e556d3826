"""Network settings of the environment, read and checked here for every library that opens connections.

proxies             the proxy for each host
certificates        the certificates that are trusted instead of the usual ones
aws_endpoints       the domains and endpoints of AWS's services
variables           one variable, without the blanks that people and their tools add
content_coding      the values of Content-Encoding that name a packed body
bad_answers         the faults of an answer that cannot be used
connection_errors   the reason why a call over HTTP got no answer
http_client         the HTTP client

The first five modules need no HTTP client.
"""
