"""Sends AWS calls, one per line of standard input, and prints the answers, one per line.

Usage: python send_calls.py boto3|cli ENDPOINT
A call is {"service": "sqs", "operation": "SendMessage", "input": {...}}, an answer {"output": {...}} or
{"error": CODE, "message": TEXT}.
"""

import contextlib
import functools
import io
import itertools
import json
import os
import re
import sys
import tempfile

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

CLIENT, ENDPOINT = sys.argv[1:]
# Operations whose output is a stream, with the member that is the stream. The CLI writes it to a file.
STREAMS = {"GetObject": "Body", "Invoke": "Payload"}


@functools.cache
def client_of(service):
    return boto3.client(service, endpoint_url=ENDPOINT)


def send_with_boto3(service, operation, arguments):
    try:
        output = getattr(client_of(service), xform_name(operation))(**arguments) or {}
    except ClientError as error:
        return {"error": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    output.pop("ResponseMetadata", None)
    return {"output": output}


def send_with_cli(service, operation, arguments):
    from awscli.clidriver import create_clidriver

    service = "s3api" if service == "s3" else service
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "stream")
        command = [service, xform_name(operation, "-")]
        if operation in STREAMS:
            options = [(f"--{xform_name(name, '-')}", value) for name, value in arguments.items()]
            command += [*itertools.chain(*options), file]
        elif operation in ("UploadFile", "DownloadFile"):
            paths = [arguments["Filename"], "s3://{Bucket}/{Key}".format(**arguments)]
            command = ["s3", "cp", *(paths if operation == "UploadFile" else reversed(paths)), "--quiet"]
        else:
            command += ["--cli-input-json", json.dumps(arguments)]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = create_clidriver().main([*command, "--endpoint-url", ENDPOINT, "--no-paginate"])
        if code != 0:
            error = re.search(r"An error occurred \((.*?)\).*?: (.*)", err.getvalue(), re.DOTALL)
            return {"error": error[1], "message": error[2].strip()} if error else {"error": err.getvalue()}
        output = json.loads(out.getvalue() or "{}")
        if operation in STREAMS:
            with open(file, encoding="utf-8") as stream:
                output[STREAMS[operation]] = stream.read()
        return {"output": output}


def to_json(value):
    if hasattr(value, "read"):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else value.isoformat()


send = {"boto3": send_with_boto3, "cli": send_with_cli}[CLIENT]
for line in sys.stdin:
    call = json.loads(line)
    print(json.dumps(send(call["service"], call["operation"], call["input"]), default=to_json), flush=True)
