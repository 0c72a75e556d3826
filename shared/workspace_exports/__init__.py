"""What the handlers share: exports, contracts, vendor, archive, planning, entrypoint, settings, errors.

The rooms and who may call whom:

    functions/*  ->  entrypoint, settings           how an invocation comes in
                 ->  exports, contracts             what may be asked for; what is handed on
                 ->  vendor                         Huawei Cloud Workspace over HTTP
                 ->  archive                        object storage
        vendor   ->  aws                            the one secret with the vendor's credentials
                 ->  planning                       which days to ask for, when to look again

`vendor` and `archive` do not know each other; the handlers join them. Everybody may raise `errors`.
"""

import gc
import os

# All that is imported stays, and is walked again and again by the collector until `entrypoint` switches it on.
if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    gc.disable()
