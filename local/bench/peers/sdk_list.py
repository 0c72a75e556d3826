"""Asks for one task again and again, as a script over the official SDK does: sdk_list.py ENDPOINT TASK CALLS."""

import json
import os
import sys
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkworkspace.v2 import ListExportTasksRequest, WorkspaceClient

endpoint, task_id, calls = sys.argv[1:]
credentials = BasicCredentials(
    os.environ["HUAWEICLOUD_SDK_AK"], os.environ["HUAWEICLOUD_SDK_SK"], os.environ["HUAWEICLOUD_SDK_PROJECT_ID"]
)
first = time.process_time()
client = WorkspaceClient.new_builder().with_credentials(credentials).with_endpoint(endpoint).build()
answer = client.list_export_tasks(ListExportTasksRequest(task_id=task_id))
began = time.process_time()
for _ in range(int(calls)):
    client.list_export_tasks(ListExportTasksRequest(task_id=task_id))
spent = time.process_time() - began
status = answer.export_tasks[0].status
print(json.dumps({"first_seconds": began - first, "seconds": spent / int(calls), "status": status}))
