"""Runs a Lambda handler written in Python: asks the Runtime API for events and answers them.

Started by Basalt with the directory of boto3 as an argument, for handlers that bring none.
"""

import json
import os
import socket
import sys
import time

TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
LOG_DESCRIPTOR = 3
IS_JSON_LOG = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
LEVEL_NAMES = {"TRACE": "NOTSET", "WARN": "WARNING", "FATAL": "CRITICAL"}


class Fault(Exception):
    """An error that the runtime finds, not the handler."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.trace = list(trace)


class RuntimeAPI:
    """The Runtime API, over one connection that is kept."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.host = address
        self.next_request = (
            f"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {address}\r\n\r\n").encode()
        self.received = b""

    def next(self):
        """Waits for an event; returns its headers, their names in small letters, and its body."""
        self.socket.sendall(self.next_request)
        return self._event()

    def _event(self):
        status, headers, body = self._answer()
        if status != 200:
            raise OSError(f"the Runtime API answered {status}: {body[:200]!r}")
        return headers, body

    def post(self, path, body, kind=None):
        self._send(path, body, kind)
        self._answer()

    def post_and_next(self, path, body, kind=None):
        """Posts, and asks for the next event in the same breath; returns it."""
        self._send(path, body, kind, self.next_request)
        self._answer()
        return self._event()

    def _send(self, path, body, kind, following=b""):
        head = (
            f"POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {self.host}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n")
        if kind is not None:
            head += f"Lambda-Runtime-Function-Error-Type: {kind}\r\n"
        # The log's order: what was printed goes before the answer.
        flush()
        self.socket.sendall(b"".join((head.encode(), b"\r\n", body, following)))

    def _answer(self):
        data = self.received
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._receive()
        lines = data[:end].decode("utf-8", "replace").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        pieces = [data[end + 4:]]
        count = len(pieces[0])
        while count < length:
            pieces.append(self._receive())
            count += len(pieces[-1])
        body = b"".join(pieces)
        self.received = body[length:]
        return status, headers, body[:length]

    def _receive(self):
        data = self.socket.recv(262144)
        if not data:
            # The environment was discarded.
            os._exit(0)
        return data


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass


def write_log(text):
    """Writes one message, of one line or many, that stays one event of the log."""
    data = text.encode("utf-8", "replace")
    now = int(time.time() * 1000000)
    frame = (
        b"\xa5\x5a\x00\x03" + len(data).to_bytes(4, "big") + now.to_bytes(8, "big") + data)
    flush()
    while frame:
        frame = frame[os.write(LOG_DESCRIPTOR, frame):]


class Identity:
    """Who called, of mobile applications."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, fields):
        self.cognito_identity_id = fields.get("cognitoIdentityId")
        self.cognito_identity_pool_id = fields.get("cognitoIdentityPoolId")

    def __repr__(self):
        return (
            f"CognitoIdentity([cognito_identity_id={self.cognito_identity_id},"
            f"cognito_identity_pool_id={self.cognito_identity_pool_id}])")


class Client:
    """The application that called."""

    __slots__ = (
        "installation_id", "app_title", "app_version_name", "app_version_code",
        "app_package_name")

    def __init__(self, fields):
        for name in self.__slots__:
            setattr(self, name, fields.get(name))


class ClientContext:
    __slots__ = ("custom", "env", "client")

    def __init__(self, fields):
        self.client = Client(fields["client"]) if fields.get("client") else None
        self.custom = fields.get("custom")
        self.env = fields.get("env")


class LambdaContext:
    """What a handler is told beside its event."""

    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.client_context = None
        if headers.get("lambda-runtime-client-context"):
            self.client_context = ClientContext(
                json.loads(headers["lambda-runtime-client-context"]))
        identity = headers.get("lambda-runtime-cognito-identity")
        self.identity = Identity(json.loads(identity) if identity else {})
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline_ms - time.time() * 1000))

    def log(self, message):
        write_log(str(message))

    def __repr__(self):
        names = (
            "aws_request_id", "log_group_name", "log_stream_name", "function_name",
            "memory_limit_in_mb", "function_version", "invoked_function_arn", "client_context",
            "identity")
        return f"LambdaContext([{','.join(f'{name}={getattr(self, name)}' for name in names)}])"


class CurrentInvocation:
    request_id = None


def set_up_logging():
    """Gives Python's logging the handler that Lambda gives it."""
    import logging

    class LogHandler(logging.Handler):
        def emit(self, record):
            try:
                write_log(self.format(record))
            except Exception:  # pylint: disable=broad-except
                self.handleError(record)

    class WithRequest(logging.Filter):
        def filter(self, record):
            record.aws_request_id = CurrentInvocation.request_id or ""
            return True

    class JSONFormatter(logging.Formatter):
        standard = set(vars(logging.makeLogRecord({}))) | {
            "message", "asctime", "aws_request_id"}

        def format(self, record):
            told = {
                "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
                "level": record.levelname,
                "message": record.getMessage(),
                "logger": record.name,
            }
            if record.exc_info:
                kind, error, trace = record.exc_info
                import traceback
                told["stackTrace"] = traceback.format_tb(trace)
                told["errorType"] = kind.__name__ if kind else None
                told["errorMessage"] = str(error)
                told["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
            if record.stack_info:
                told["stackTrace"] = self.formatStack(record.stack_info)
            for name, value in vars(record).items():
                if name not in self.standard:
                    told[name] = value
            if record.aws_request_id:
                told["requestId"] = record.aws_request_id
            return json.dumps(told, default=str, ensure_ascii=False)

    handler = LogHandler()
    handler.addFilter(WithRequest())
    if IS_JSON_LOG:
        formatter = JSONFormatter()
    else:
        formatter = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)dZ\t%(aws_request_id)s\t%(message)s\n",
            "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    if IS_JSON_LOG and level:
        logging.root.setLevel(LEVEL_NAMES.get(level, level))


class LoggingOnDemand:
    """Sets logging up when it is imported first: handlers that don't log start sooner."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        import importlib.util
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            set_up_logging()

        spec.loader.exec_module = exec_module
        return spec


class HostSDK:
    """Finds boto3 and what it needs where this machine has them, after all other places."""

    names = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"}

    def __init__(self, directory):
        self.directory = directory

    def find_spec(self, name, path=None, target=None):
        if name not in self.names:
            return None
        from importlib.machinery import PathFinder
        return PathFinder.find_spec(name, [self.directory])


def load_handler():
    """Imports the module that _HANDLER names and returns the function."""
    name = os.environ["_HANDLER"]
    path, separator, function = name.rpartition(".")
    if not separator:
        raise Fault(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    if any(part in ("", ".", "..") for part in path.split("/")[:-1]):
        path = path.lstrip("/")
    module_name = path.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict",
            f"Cannot use built-in module {module_name} as a handler module")
    try:
        import importlib
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Fault(
            "Runtime.ImportModuleError",
            f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Fault(
            "Runtime.UserCodeSyntaxError",
            f"Syntax error in module '{module_name}': {error}", trace) from error
    try:
        return getattr(module, function)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound",
            f"Handler '{function}' missing on module '{module_name}'") from None


def error_object(error, request_id):
    """What Lambda tells of an exception, and its type."""
    if isinstance(error, Fault):
        return error.kind, {
            "errorMessage": error.message, "errorType": error.kind, "requestId": request_id,
            "stackTrace": error.trace}
    import traceback
    frames = traceback.extract_tb(error.__traceback__)
    # Ours are not the handler's business.
    while frames and frames[0].filename == __file__:
        frames = frames[1:]
    while frames and frames[0].filename.startswith("<frozen importlib"):
        frames = frames[1:]
    kind = type(error).__name__
    return kind, {
        "errorMessage": str(error), "errorType": kind, "requestId": request_id,
        "stackTrace": traceback.format_list(frames)}


def log_error(told):
    if IS_JSON_LOG:
        import datetime
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        write_log(json.dumps(
            {"timestamp": now, "log_level": "ERROR", **told}, ensure_ascii=False))
        return
    text = f"[ERROR] {told['errorType']}: {told['errorMessage']}"
    text += "\nTraceback (most recent call last):\n" + "".join(
        f"{line}\n" if not line.endswith("\n") else line for line in told["stackTrace"])
    write_log(text)


def failure(error, request_id=""):
    """Logs an exception; returns what is posted of it and its type."""
    kind, told = error_object(error, request_id)
    log_error(told)
    return json.dumps(told).encode(), kind


def encode(answer):
    return json.dumps(answer, ensure_ascii=False).encode("utf-8")


def answer(handler, headers, body):
    try:
        event = json.loads(body)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None
    result = handler(event, LambdaContext(headers))
    try:
        return encode(result)
    except UnicodeEncodeError:
        return json.dumps(result).encode()
    except Exception as error:
        raise Fault(
            "Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def main():
    api = RuntimeAPI(os.environ["AWS_LAMBDA_RUNTIME_API"])
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    sdk_directory = sys.argv[1] if len(sys.argv) > 1 else ""
    sys.argv[:] = [""]
    sys.path[0] = TASK_ROOT
    if sdk_directory:
        sys.meta_path.append(HostSDK(sdk_directory))
    if "logging" in sys.modules:
        set_up_logging()
    else:
        sys.meta_path.insert(0, LoggingOnDemand())
    try:
        handler = load_handler()
    except BaseException as error:  # pylint: disable=broad-except
        if isinstance(error, SystemExit):
            flush()
            os._exit(error.code if isinstance(error.code, int) else int(error.code is not None))
        api.post("init/error", *failure(error))
        os._exit(1)
    headers, body = api.next()
    while True:
        request_id = headers["lambda-runtime-aws-request-id"]
        CurrentInvocation.request_id = request_id
        if "lambda-runtime-trace-id" in headers:
            os.environ["_X_AMZN_TRACE_ID"] = headers["lambda-runtime-trace-id"]
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        target, kind = "response", None
        try:
            result = answer(handler, headers, body)
        except Exception as error:  # pylint: disable=broad-except
            target = "error"
            result, kind = failure(error, request_id)
        except SystemExit as error:
            flush()
            os._exit(error.code if isinstance(error.code, int) else int(error.code is not None))
        CurrentInvocation.request_id = None
        headers, body = api.post_and_next(f"invocation/{request_id}/{target}", result, kind)


main()
