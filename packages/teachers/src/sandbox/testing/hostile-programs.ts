import type { Random } from '@cogumi/pure';

/** What a hostile program aims at; all of it is outside of the sandbox. */
export interface Targets {
  /** A file with a secret. */
  readonly secret: string;
  /** A folder in which nothing may change. */
  readonly folder: string;
  /** Of a server on this machine that counts who calls. */
  readonly port: number;
  /** The process that runs the sandbox. */
  readonly pid: number;
}

export interface HostileProgram {
  readonly goal: string;
  /** The goal and the ways, for a failure's message. */
  readonly name: string;
  readonly code: string;
}

/** Statements of Python by goal. `SECRET`, `FOLDER`, `PORT` and `PID` are replaced; what is found is put into `found`. */
const ATTACKS: Readonly<Record<string, readonly string[]>> = {
  read: [
    'found = open(SECRET).read()',
    'import os\nfound = os.read(os.open(SECRET, os.O_RDONLY), 99)',
    'import pathlib\nfound = pathlib.Path(SECRET).read_bytes()',
    'import linecache\nfound = linecache.getlines(SECRET)',
    'import os\nfound = [entry.path for entry in os.scandir(FOLDER)]',
    'import os\nfound = str(list(os.walk("/")))[:10**6]\nassert SECRET in found\nfound = open(SECRET).read()',
    'import mmap\nwith open(SECRET) as file: found = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)[:]',
    'import os\nos.symlink(SECRET, "/tmp/link")\nfound = open("/tmp/link").read()',
    'import os\nos.link(SECRET, "/tmp/link")\nfound = open("/tmp/link").read()',
    'import shutil\nshutil.copy(SECRET, "/tmp/copy")\nfound = open("/tmp/copy").read()',
    'import os\nfound = open(os.path.join("/proc/self/root", SECRET.lstrip("/"))).read()',
    'found = open("/proc/PID/environ").read()',
    'found = open(f"/proc/PID/root{SECRET}").read()',
    'found = open("../" * 30 + SECRET.lstrip("/")).read()',
    'import runpy\nfound = runpy.run_path(SECRET)',
    'import importlib.machinery\nfound = importlib.machinery.SourceFileLoader("x", SECRET).get_data(SECRET)',
    'import tokenize\nfound = tokenize.open(SECRET).read()',
    'import zipimport\nfound = zipimport.zipimporter(SECRET)',
    'import fileinput\nfound = list(fileinput.input(SECRET))',
    'import sys\nfound = sys.stdin.read()',
    'import os\nfound = [os.read(fd, 99) for fd in range(3, 40) if os.path.exists(f"/proc/self/fd/{fd}")]',
    'import subprocess\nfound = subprocess.check_output(["cat", SECRET])',
    'import os\nfound = os.popen("cat " + SECRET).read()',
    'import js\nfound = js.process.getBuiltinModule("fs").readFileSync(SECRET, "utf8")',
    'import js\nfound = js.require("fs").readFileSync(SECRET, "utf8")',
    'import js\nfound = js.Object.constructor("return process")().mainModule.require("fs").readFileSync(SECRET, "utf8")',
    'from pyodide.code import run_js\nfound = run_js("process.getBuiltinModule(\'fs\').readFileSync(" + repr(SECRET) + ", \'utf8\')")',
    'import pyodide_js\nfound = pyodide_js.FS.readFile(SECRET)',
    'import pyodide_js, pyodide.ffi\nFS = pyodide_js.FS\nFS.mkdir("/out")\nFS.mount(FS.filesystems.NODEFS, pyodide.ffi.to_js({"root": "/"}), "/out")\nfound = open("/out" + SECRET).read()',
    'import pyodide_js, pyodide.ffi\npyodide.ffi.run_sync(pyodide_js.mountNodeFS("/out", FOLDER))\nfound = open("/out/secret").read()',
    'import pyodide_js\nfound = pyodide_js._module.constructor.constructor("return process")().env',
    'import pyodide_js\nfound = pyodide_js._api.config.fetch("file://" + SECRET)',
    'import ctypes\nlibc = ctypes.CDLL(None)\nfd = libc.open(SECRET.encode(), 0)\nbuffer = ctypes.create_string_buffer(99)\nlibc.read(fd, buffer, 99)\nfound = buffer.raw',
    'import _pyodide_core\nfound = _pyodide_core.run_js("this.process.env")',
    'import os\nfound = dict(os.environ), open(os.path.expanduser("~root/.ssh/id_rsa")).read()',
    'found = open("/etc/passwd").read() + open(SECRET).read()',
  ],
  write: [
    'open(FOLDER + "/new", "w").write("x")',
    'open(SECRET, "a").write("x")',
    'import os\nos.open(FOLDER + "/new", os.O_CREAT | os.O_WRONLY)',
    'import os\nos.mkdir(FOLDER + "/new")',
    'import os\nos.remove(SECRET)',
    'import os\nos.truncate(SECRET, 0)',
    'import os\nos.rename(SECRET, SECRET + "x")',
    'import os\nos.chmod(SECRET, 0o777)',
    'import os\nos.symlink("/etc/passwd", FOLDER + "/new")',
    'import os\nos.mkfifo(FOLDER + "/new")',
    'import shutil\nshutil.rmtree(FOLDER)',
    'import pathlib\npathlib.Path(FOLDER, "new").touch()',
    'import tempfile\ntempfile.NamedTemporaryFile(dir=FOLDER, delete=False).write(b"x")',
    'import shelve, dbm.dumb\ndbm.dumb.open(FOLDER + "/new", "c")["a"] = "b"',
    'import zipfile\nzipfile.ZipFile(FOLDER + "/new", "w").writestr("a", "b")',
    'import logging\nlogging.FileHandler(FOLDER + "/new").emit(logging.makeLogRecord({}))',
    'import js\njs.process.getBuiltinModule("fs").writeFileSync(FOLDER + "/new", "x")',
    'import pyodide_js, pyodide.ffi\nFS = pyodide_js.FS\nFS.mkdir("/out")\nFS.mount(FS.filesystems.NODEFS, pyodide.ffi.to_js({"root": FOLDER}), "/out")\nopen("/out/new", "w").write("x")',
    'from pyodide.code import run_js\nrun_js("process.getBuiltinModule(\'fs\').rmSync(" + repr(FOLDER) + ", {recursive: true})")',
    'import ctypes\nctypes.CDLL(None).unlink(SECRET.encode())',
    'import subprocess\nsubprocess.run(["touch", FOLDER + "/new"])',
    'import os\nos.system("touch " + FOLDER + "/new")',
  ],
  connect: [
    'import socket\nsocket.create_connection(("127.0.0.1", PORT), 2).send(b"x")',
    'import socket\nsocket.create_connection(("::1", PORT), 2)',
    'import socket\ns = socket.socket()\ns.setblocking(False)\ns.connect_ex(("127.0.0.1", PORT))\nimport time\ntime.sleep(0.5)\ns.send(b"x")',
    'import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT))',
    'import socket\ns = socket.socket()\ns.bind(("0.0.0.0", 0))\ns.listen()\ns.accept()',
    'import urllib.request\nurllib.request.urlopen("http://127.0.0.1:PORT/")',
    'import http.client\nhttp.client.HTTPConnection("127.0.0.1", PORT).request("GET", "/")',
    'import pyodide.http\npyodide.http.open_url("http://127.0.0.1:PORT/")',
    'import pyodide.http, pyodide.ffi\npyodide.ffi.run_sync(pyodide.http.pyfetch("http://127.0.0.1:PORT/"))',
    'import js\njs.fetch("http://127.0.0.1:PORT/")',
    'import js\njs.WebSocket.new("ws://127.0.0.1:PORT/")',
    'import js\njs.EventSource.new("http://127.0.0.1:PORT/")',
    'import js\nr = js.XMLHttpRequest.new()\nr.open("GET", "http://127.0.0.1:PORT/", False)\nr.send(None)',
    'import js\njs.process.getBuiltinModule("net").connect(PORT)',
    'import pyodide_js, pyodide.ffi, socket\npyodide.ffi.run_sync(pyodide_js.useNodeSockFS())\nsocket.create_connection(("127.0.0.1", PORT), 2)',
    'import pyodide_js, pyodide.ffi\npyodide.ffi.run_sync(pyodide_js.loadPackage("http://127.0.0.1:PORT/x.whl"))',
    'from pyodide.code import run_js\nrun_js("import(\'node:net\').then((net) => net.connect(PORT))")',
    'from pyodide.code import run_js\nrun_js("fetch(\'http://127.0.0.1:PORT/\')")',
    'import asyncio\nasyncio.run(asyncio.open_connection("127.0.0.1", PORT))',
    'import ctypes\nctypes.CDLL(None).socket(2, 1, 0)',
    'import subprocess\nsubprocess.run(["curl", "http://127.0.0.1:PORT/"])',
    'import ftplib\nftplib.FTP().connect("127.0.0.1", PORT, 2)',
  ],
  processes: [
    'import os\nos.fork()',
    'import os\nwhile True: os.fork()',
    'import os\nif os.fork() == 0:\n    os.setsid()\n    while True: pass',
    'import subprocess\nsubprocess.Popen(["sleep", "600"], start_new_session=True)',
    'import os\nos.posix_spawn("/bin/sleep", ["sleep", "600"], {})',
    'import os\nos.execv("/bin/sleep", ["sleep", "600"])',
    'import os\nos.spawnv(os.P_NOWAIT, "/bin/sleep", ["sleep", "600"])',
    'import multiprocessing\nmultiprocessing.Process(target=print).start()',
    'import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()',
    'import _thread\nwhile True: _thread.start_new_thread(print, ())',
    'import pty\npty.fork()',
    'import js\njs.process.getBuiltinModule("child_process").spawn("sleep", ["600"])',
    'import js\njs.process.kill(PID, 9)',
    'import js\njs.Worker.new("data:text/javascript,while(true);")',
    'from pyodide.code import run_js\nrun_js("process.exit(0)")',
    'import os\nos.kill(PID, 9)',
    'import os\nos.kill(-1, 9)',
    'import os\nos.killpg(0, 9)',
    'import os\nos.kill(os.getppid(), 9)',
    'import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)',
    'import os\nos._exit(0)',
    'import os\nos.abort()',
    'import ctypes\nctypes.string_at(0)',
    'import sys\nsys.exit(0)',
    'import faulthandler\nfaulthandler._sigsegv()',
  ],
  time: [
    'while True: pass',
    'import time\ntime.sleep(1e6)',
    'import signal\nsignal.signal(signal.SIGALRM, lambda *_: None)\nwhile True: pass',
    'import signal\nfor s in signal.valid_signals():\n    try: signal.signal(s, signal.SIG_IGN)\n    except Exception: pass\nwhile True: pass',
    'while True:\n    try:\n        while True: pass\n    except BaseException: pass',
    'import re\nre.match("(a|aa)+$", "a" * 200 + "b")',
    'sum(1 for _ in iter(int, 1))',
    'x = 9 ** 9 ** 8',
    'import itertools\nfor _ in itertools.count(): pass',
    'import asyncio\nasyncio.run(asyncio.sleep(1e6))',
    'import threading\nthreading.Event().wait()',
    'import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()',
    'import select\nselect.select([], [], [], 1e6)',
    'input()',
    'import atexit\natexit.register(lambda: [0 for _ in iter(int, 1)])\nwhile True: pass',
    'import sys\nsys.settrace(lambda *_: [0 for _ in iter(int, 1)])\nprint(1)',
    'import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()',
    'import sys\nsys.setswitchinterval(1e9)\nwhile True: [0] * 10',
    '"x" * 10**7 in "x" * 10**6 * 9 + "y"\nlist(range(10**12)).index(-1)',
    'import queue\nqueue.Queue().get()',
    'exec("while True: pass")',
  ],
  memory: [
    'x = []\nwhile True: x.append("y" * 10**7)',
    'x = bytearray(2**40)',
    'x = "y" * 2**31',
    'x = [0]\nwhile True: x += x',
    'x = {}\nwhile True: x[len(x)] = str(len(x)) * 999',
    'import zlib\nx = zlib.decompress(zlib.compress(bytes(2**28)) * 1)\ny = [x + bytes([i]) for i in range(64)]',
    'import ctypes\nx = [ctypes.create_string_buffer(2**28) for _ in range(64)]',
    'import array\nx = array.array("d", [0.0])\nwhile True: x.extend(x)',
    'x = ()\nwhile True: x = (x, x, "z" * 10**6)',
    'import pyodide_js\nwhile True: pyodide_js._module._malloc(2**24)',
    'import js\nx = [js.ArrayBuffer.new(2**30) for _ in range(64)]',
    'import pyodide_js\nx = []\nwhile True: x.append(pyodide_js._module.HEAPU8.slice(0, 2**26))',
    'for i in range(10**6): open(f"/tmp/{i}", "wb").write(bytes(2**24))',
    'import pyodide.ffi\nx = []\nwhile True: x.append(pyodide.ffi.to_js(bytes(2**24)))',
    'x = eval("[" * 90 + "]" * 90)\ny = [[0] * 10**7 for _ in range(10**4)]',
  ],
  output: [
    'while True: print("x" * 10**6)',
    'import sys\nwhile True: sys.stderr.write("x" * 10**6)',
    'import os\nwhile True: os.write(1, b"x" * 10**6)',
    'raise Exception("x" * 10**8)',
    'found = "x" * 10**8',
    'found = [list(range(10**6))] * 20',
    'import warnings\nwhile True: warnings.warn("x" * 10**6)',
    'class E(Exception):\n    def __str__(self): return "x" * 10**8\nraise E()',
    'import js\nwhile True: js.console.log("x" * 10**6)',
  ],
  verdict: [
    'import json\njson.dumps = lambda *_: \'{"values": [{"value": "1"}]}\'',
    'import builtins\nbuiltins.repr = builtins.str = lambda *_: "\'right\'"',
    'import sys\nframe = sys._getframe()\nwhile frame:\n    for value in frame.f_locals.values():\n        if isinstance(value, list): value.clear()\n    frame = frame.f_back',
    'class Liar(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__\nfound = Liar("wrong")',
    'import gc\nfor thing in gc.get_objects():\n    if isinstance(thing, dict) and "value" in thing: thing["value"] = "\'right\'"',
    'import sys\nsys.modules["json"] = sys.modules["ast"] = None',
    'import pyodide_js\npyodide_js.runPython = lambda *_: None',
    'import js\njs.process.send({"values": [{"value": "\'right\'"}]})',
  ],
};

const indent = (code: string) => code.replace(/^/gm, '    ');
const base64 = (code: string) => Buffer.from(code).toString('base64');

/** Ways to run a statement: where a check of the text, of names or of the moment might not look. */
const WRAPPERS: Readonly<Record<string, (code: string) => string>> = {
  plain: (code) => code,
  caught: (code) => `try:\n${indent(code)}\nexcept BaseException as error:\n    error = None`,
  'caught for ever': (code) => `for _ in range(50):\n    try:\n${indent(indent(code))}\n    except BaseException: pass`,
  function: (code) => `def go():\n    global found\n${indent(code)}\ngo()`,
  exec: (code) => `exec(${JSON.stringify(code)}, globals())`,
  base64: (code) => `import base64\nexec(base64.b64decode("${base64(code)}").decode(), globals())`,
  'compiled code': (code) =>
    `import types\ntypes.FunctionType(compile(${JSON.stringify(code)}, "a", "exec"), globals())()`,
  decorator: (code) => `def at(f):\n    global found\n${indent(code)}\n    return f\n@at\ndef go(): pass`,
  class: (code) => `class Go:\n    def __init__(self):\n        global found\n${indent(indent(code))}\nGo()`,
  metaclass: (code) =>
    `class Meta(type):\n    def __new__(cls, *parts):\n        global found\n${indent(indent(code))}\nclass Go(metaclass=Meta): pass`,
  destructor: (code) =>
    `class Go:\n    def __del__(self):\n        global found\n${indent(indent(code))}\ngo = Go()\ndel go`,
  generator: (code) =>
    `def go():\n    global found\n    try: yield 1\n    finally:\n${indent(indent(code))}\nfor _ in go(): break`,
  'context manager': (code) =>
    `class Go:\n    def __enter__(self): pass\n    def __exit__(self, *error):\n        global found\n${indent(indent(code))}\nwith Go(): pass`,
  'sort key': (code) => `def go(x):\n    global found\n${indent(code)}\n    return x\nsorted([1, 2], key=go)`,
  'at exit': (code) =>
    `import atexit\ndef go():\n    global found\n${indent(code)}\natexit.register(go)\natexit._run_exitfuncs()`,
  module: (code) =>
    `import sys, types\nm = types.ModuleType("m")\nexec(${JSON.stringify(code)}, m.__dict__)\nfound = m.__dict__.get("found", "")`,
  async: (code) => `import asyncio\nasync def go():\n    global found\n${indent(code)}\nasyncio.run(go())`,
  'when an error is shown': (code) =>
    `class Go(Exception):\n    def __str__(self):\n        global found\n${indent(indent(code))}\n        return "x"\nraise Go()`,
  'found builtins': (code) =>
    `run = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == "catch_warnings"][0]()._module.__builtins__["exec"]\nrun(${JSON.stringify(code)}, globals())`,
  'deep in calls': (code) => `def go(n):\n    global found\n    if n: return go(n - 1)\n${indent(code)}\ngo(100)`,
};

/** How many different programs there are for one set of targets. */
export const HOSTILE_KINDS = Object.values(ATTACKS).flat().length * Object.keys(WRAPPERS).length;

/** Draws hostile programs, no two equal: every goal in turn, and two ways around it. */
export function hostilePrograms(random: Random, count: number, targets: Targets): HostileProgram[] {
  const goals = Object.keys(ATTACKS);
  const drawn = new Map<string, HostileProgram>();
  while (drawn.size < count) {
    const goal = goals[drawn.size % goals.length] as string;
    const attacks = ATTACKS[goal] as readonly string[];
    const at = random.integer(0, attacks.length - 1);
    const ways = Array.from({ length: random.integer(1, 2) }, () => random.pick(Object.keys(WRAPPERS)));
    const name = `${goal} ${at}: ${ways.join(' in ')}`;
    const code = (attacks[at] as string)
      .replaceAll('SECRET', JSON.stringify(targets.secret))
      .replaceAll('FOLDER', JSON.stringify(targets.folder))
      .replaceAll('PORT', String(targets.port))
      .replaceAll('PID', String(targets.pid));
    const wrapped = ways.reduce((inner, way) => (WRAPPERS[way] as (code: string) => string)(inner), code);
    drawn.set(name, { goal, name, code: `found = ""\n${wrapped}` });
  }
  return [...drawn.values()];
}
