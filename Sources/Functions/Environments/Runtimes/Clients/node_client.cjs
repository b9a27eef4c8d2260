// Runs a Lambda handler written for Node.js: asks the Runtime API for events and answers them.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { format, inspect } = require('node:util');
const { pathToFileURL } = require('node:url');

const taskRoot = process.env.LAMBDA_TASK_ROOT;
const logDescriptor = 3;
const isJSONLog = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const levels = { TRACE: 10, DEBUG: 20, INFO: 30, WARN: 40, ERROR: 50, FATAL: 60 };
const lowestLevel = (isJSONLog && levels[process.env.AWS_LAMBDA_LOG_LEVEL]) || 0;
let currentRequestId;

// An error that the runtime finds, not the handler.
class Fault extends Error {
  constructor(name, message, cause) {
    super(message);
    this.name = name;
    if (cause && cause.stack) this.stack = cause.stack;
  }
}

// The Runtime API, over one connection that is kept.
class RuntimeAPI {
  constructor(address) {
    const colon = address.lastIndexOf(':');
    this.address = address;
    this.received = Buffer.alloc(0);
    this.waiting = undefined;
    this.socket = net.connect(Number(address.slice(colon + 1)), address.slice(0, colon));
    this.socket.setNoDelay(true);
    this.socket.on('data', (data) => {
      this.received = this.received.length === 0 ? data : Buffer.concat([this.received, data]);
      this.deliver();
    });
    // The environment was discarded.
    const gone = () => process.reallyExit(0);
    this.socket.on('error', gone);
    this.socket.on('end', gone);
    this.socket.on('close', gone);
  }

  next() {
    return this.call(`GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: ${this.address}\r\n\r\n`);
  }

  post(target, body, type) {
    const content = Buffer.from(body, 'utf8');
    let head = `POST /2018-06-01/runtime/${target} HTTP/1.1\r\nHost: ${this.address}\r\n`
      + `Content-Type: application/json\r\nContent-Length: ${content.length}\r\n`;
    if (type !== undefined) {
      head += `Lambda-Runtime-Function-Error-Type: ${String(type).replace(/[^\x20-\x7e]/g, '?')}\r\n`;
    }
    return this.call(Buffer.concat([Buffer.from(`${head}\r\n`), content]));
  }

  call(request) {
    return new Promise((resolve) => {
      this.waiting = resolve;
      // The process stays while it waits for this.
      this.socket.ref();
      this.socket.write(request);
    });
  }

  deliver() {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0 || !this.waiting) return;
    const lines = this.received.toString('utf8', 0, end).split('\r\n');
    const headers = {};
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const length = Number(headers['content-length'] || 0);
    if (this.received.length < end + 4 + length) return;
    const body = this.received.subarray(end + 4, end + 4 + length);
    this.received = this.received.subarray(end + 4 + length);
    const resolve = this.waiting;
    this.waiting = undefined;
    resolve({ status: Number(lines[0].split(' ')[1]), headers, body });
  }
}

// Writes one message, of one line or many, that stays one event of the log.
function writeLog(text) {
  const content = Buffer.from(text, 'utf8');
  const header = Buffer.alloc(16);
  header.writeUInt32BE(0xa55a0003, 0);
  header.writeUInt32BE(content.length, 4);
  header.writeBigUInt64BE(BigInt(Date.now()) * 1000n, 8);
  let frame = Buffer.concat([header, content]);
  while (frame.length > 0) {
    try {
      frame = frame.subarray(fs.writeSync(logDescriptor, frame));
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

function logMessage(level, parameters) {
  if (levels[level] < lowestLevel) return;
  const time = new Date().toISOString();
  if (!isJSONLog) {
    writeLog(`${time}\t${currentRequestId}\t${level}\t${format(...parameters)}`);
    return;
  }
  const record = { timestamp: time, level, requestId: currentRequestId };
  const replacer = (key, value) => (value instanceof Error ? errorRecord(value) : value);
  try {
    if (parameters.length === 1) {
      record.message = parameters[0];
      writeLog(JSON.stringify(record, replacer));
      return;
    }
  } catch (error) {
    // What JSON can't tell is told as text.
  }
  record.message = format(...parameters);
  for (const parameter of parameters) {
    if (parameter instanceof Error) {
      record.errorType = parameter.name;
      record.errorMessage = parameter.message;
      record.stackTrace = stackLines(parameter);
      break;
    }
  }
  writeLog(JSON.stringify(record));
}

function patchConsole() {
  for (const [method, level] of [
    ['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['warn', 'WARN'],
    ['error', 'ERROR'], ['trace', 'TRACE'],
  ]) {
    console[method] = (...parameters) => logMessage(level, parameters);
  }
  console.fatal = (...parameters) => logMessage('FATAL', parameters);
}

function stackLines(error) {
  return typeof error.stack === 'string' ? error.stack.split('\n') : [];
}

function errorRecord(error) {
  return {
    errorType: error.name, errorMessage: error.message, stackTrace: stackLines(error), ...error,
  };
}

// What the caller is told of an error.
function errorObject(error) {
  if (isError(error)) {
    return {
      errorType: printable(error.name), errorMessage: printable(error.message),
      trace: stackLines(error).map(printable),
    };
  }
  const message = typeof error === 'string' ? error : String(error);
  return { errorType: typeof error, errorMessage: message, trace: [] };
}

function isError(error) {
  return error instanceof Error
    || (error !== null && typeof error === 'object'
      && typeof error.name === 'string' && typeof error.message === 'string'
      && typeof error.stack === 'string');
}

function printable(text) {
  return String(text).replaceAll('\x7F', '%7F');
}

// What the log is told of an error.
function describe(error) {
  try {
    if (isError(error)) {
      return JSON.stringify({
        errorType: error.name, errorMessage: error.message, ...error, stack: stackLines(error),
      });
    }
    return JSON.stringify(errorObject(error));
  } catch (problem) {
    return inspect(error);
  }
}

function logError(title, error) {
  if (isJSONLog) {
    logMessage('ERROR', [isError(error) ? errorRecord(error) : errorObject(error)]);
  } else {
    logMessage('ERROR', [`${title} \t${describe(error)}`]);
  }
}

function isFile(name) {
  try {
    return fs.statSync(name).isFile();
  } catch (error) {
    return false;
  }
}

// Loads the module that _HANDLER names and returns the function.
async function loadHandler(name) {
  if (name.includes('..')) {
    throw new Fault('Runtime.MalformedHandlerName',
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  }
  const base = path.basename(name);
  const directory = name.slice(0, name.length - base.length);
  const dot = base.indexOf('.');
  if (dot <= 0 || dot === base.length - 1) {
    throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  }
  const moduleName = base.slice(0, dot);
  const place = path.resolve(taskRoot, directory, moduleName);
  let loaded;
  try {
    loaded = await loadModule(place, `${directory}${moduleName}`);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new Fault('Runtime.UserCodeSyntaxError', `${error}`, error);
    }
    if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) {
      throw new Fault('Runtime.ImportModuleError', `${error}`, error);
    }
    throw error;
  }
  let handler = loaded;
  for (const part of base.slice(dot + 1).split('.')) handler = handler && handler[part];
  // Compiled ES modules keep their exports under `default`.
  if (handler === undefined && loaded && loaded.default) {
    handler = loaded.default;
    for (const part of base.slice(dot + 1).split('.')) handler = handler && handler[part];
  }
  if (handler === undefined || handler === null) {
    throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  return handler;
}

async function loadModule(place, name) {
  if (isFile(place)) return require(place);
  if (isFile(`${place}.js`)) {
    return isESModule(`${place}.js`) ? import(pathToFileURL(`${place}.js`).href) : require(`${place}.js`);
  }
  if (isFile(`${place}.mjs`)) return import(pathToFileURL(`${place}.mjs`).href);
  if (isFile(`${place}.cjs`)) return require(`${place}.cjs`);
  try {
    return require(require.resolve(name, { paths: [taskRoot] }));
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') {
      error.message = error.message.split('\n')[0] + '\nRequire stack:\n- ' + __filename;
    }
    throw error;
  }
}

// Whether the nearest package.json says that a .js file is an ES module.
function isESModule(file) {
  for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
    if (path.basename(directory) === 'node_modules') return false;
    const manifest = path.join(directory, 'package.json');
    if (isFile(manifest)) {
      try {
        return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
      } catch (error) {
        return false;
      }
    }
    if (directory === path.dirname(directory)) return false;
  }
}

function makeContext(headers, settle) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const parsed = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed('lambda-runtime-client-context'),
    identity: parsed('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    // Of old, these answered at once, whatever was still to be done.
    succeed: (result) => settle({ result }),
    fail: (error) => settle({ error: error ?? new Error('handled') }),
    done: (error, result) => settle(error ? { error } : { result }),
  };
  return context;
}

// Runs the handler; its outcome is `{ result }` or `{ error }`.
function run(handler, event, headers) {
  return new Promise((resolve) => {
    let pending;
    const context = makeContext(headers, resolve);
    const callback = (error, result) => {
      const outcome = error !== undefined && error !== null ? { error } : { result };
      if (!context.callbackWaitsForEmptyEventLoop) {
        resolve(outcome);
      } else if (!pending) {
        pending = outcome;
        onIdle = () => resolve(pending);
      }
    };
    // A handler that neither answers nor has anything left to do answers null.
    onIdle = () => resolve({ result: null });
    let returned;
    try {
      returned = handler(event, context, callback);
    } catch (error) {
      resolve({ error });
      return;
    }
    if (returned !== null && typeof returned === 'object' && typeof returned.then === 'function') {
      returned.then((result) => resolve({ result }), (error) => resolve({ error }));
    }
  }).finally(() => { onIdle = undefined; });
}

// Called when the event loop has nothing left to do.
let onIdle;

function encode(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (error) {
    throw new Fault('Runtime.MarshalError', 'Unable to stringify response body');
  }
}

async function main() {
  const api = new RuntimeAPI(process.env.AWS_LAMBDA_RUNTIME_API);
  patchConsole();
  let isStarted = false;
  const fail = async (title, error, told = errorObject(error)) => {
    logError(title, error);
    // Between invocations there is nobody to tell.
    if (isStarted && !currentRequestId) return;
    const target = isStarted ? `invocation/${currentRequestId}/error` : 'init/error';
    await api.post(target, JSON.stringify(told), told.errorType);
  };
  // Nothing after these can be relied on: the process ends.
  process.on('uncaughtException', async (error) => {
    await fail('Uncaught Exception', error);
    process.exit(129);
  });
  process.on('unhandledRejection', async (reason) => {
    const error = new Error(reason === undefined ? 'undefined' : String(reason));
    error.name = 'Runtime.UnhandledPromiseRejection';
    error.reason = isError(reason) ? errorRecord(reason) : reason;
    await fail('Unhandled Promise Rejection', error);
    process.exit(128);
  });
  process.on('beforeExit', () => {
    const idle = onIdle;
    onIdle = undefined;
    if (idle) idle();
  });
  process.argv.splice(1);
  let handler;
  try {
    handler = await loadHandler(process.env._HANDLER);
  } catch (error) {
    await fail('Uncaught Exception', error);
    process.exit(1);
  }
  isStarted = true;
  for (;;) {
    currentRequestId = undefined;
    const { status, headers, body } = await api.next();
    if (status !== 200) process.exit(1);
    currentRequestId = headers['lambda-runtime-aws-request-id'];
    if (headers['lambda-runtime-trace-id']) {
      process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    } else {
      delete process.env._X_AMZN_TRACE_ID;
    }
    // While the handler runs, the event loop is its own.
    api.socket.unref();
    let outcome;
    try {
      outcome = await run(handler, JSON.parse(body.toString('utf8')), headers);
    } catch (error) {
      outcome = { error };
    }
    try {
      if (!('error' in outcome)) {
        await api.post(`invocation/${currentRequestId}/response`, encode(outcome.result));
        continue;
      }
    } catch (error) {
      outcome = { error };
    }
    await fail('Invoke Error', outcome.error);
  }
}

main();
