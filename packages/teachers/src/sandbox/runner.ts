import { ALLOWLIST } from './allowlist.ts';

/**
 * The Python side of the sandbox, started by `START_RUNNER`: takes a task as JSON and returns its outcome as JSON (`messages.ts`, `SandboxAnswer`).
 *
 * A task in a shared interpreter is first parsed and checked against the allowlist. The checked syntax tree itself is compiled
 * and run, with its own namespace and builtins. Afterwards every object that tasks share must be the same as at the start.
 *
 * Values are serialized here and compared as text in the parent process: an object that claims to equal everything is no plain
 * value, and this interpreter never sees the expected values. Dictionaries and sets are sorted, so that equal ones have equal
 * text. Types stay distinct (`1`, `1.0` and `True` differ), also inside lists.
 */
export const RUNNER = `
${ALLOWLIST}
import json
import operator
import warnings
import unicodedata  # loaded now: otherwise the first named character in a text would load it during a task
warnings.simplefilter("ignore")

def _make(find_disallowed, allowed, loads, dumps, compile, exec, eval, type, dict, map, all, is_, repr, str, len, sorted,
          BaseException, ValueError, longest):
    plain = (int, float, str, bool, bytes, complex, type(None))
    only_tree = ast.PyCF_ONLY_AST
    def serialize(value):
        kind = type(value)
        if kind in plain:
            return repr(value)
        if kind is list:
            return "[" + ", ".join([serialize(item) for item in value]) + "]"
        if kind is tuple:
            return "(" + ", ".join([serialize(item) for item in value]) + ",)"
        if kind is dict:
            return "{" + ", ".join(sorted([serialize(key) + ": " + serialize(value[key]) for key in value])) + "}"
        if kind is set or kind is frozenset:
            return kind.__name__ + "(" + ", ".join(sorted([serialize(item) for item in value])) + ")"
        raise ValueError("a " + kind.__name__ + " is no plain value")
    def describe(error):
        try:
            return (type(error).__name__ + ": " + str(error))[:200]
        except BaseException:
            return "an error without a readable message"
    def parse(source, name, mode):
        try:
            return compile(source, name, mode, only_tree, True), None
        except BaseException as error:
            return None, {"error": describe(error)}
    def evaluate(tree, problem, space):
        if problem:
            return problem
        try:
            value = serialize(eval(compile(tree, "call", "eval", 0, True), space))
            return {"value": value} if len(value) <= longest else {"error": "the result has " + str(len(value)) + " characters"}
        except BaseException as error:
            return {"error": describe(error)}
    def run(program, problem, calls, space):
        if not problem:
            try:
                exec(compile(program, "answer", "exec", 0, True), space)
            except BaseException as error:
                problem = {"error": describe(error)}
        return [problem or evaluate(*call, space) for call in calls]
    def common():
        objects = [function.__code__ for function in functions] + [cell.cell_contents for cell in cells]
        for space in spaces:
            objects += space
            objects += space.values()
        return objects
    def unchanged():
        objects = common()
        return len(objects) == len(originals) and all(map(is_, objects, originals))
    def work(text):
        task = loads(text)
        program = parse(task["code"], "answer", "exec")
        calls = [parse(expression, "call", "eval") for expression in task["expressions"]]
        space = {"__name__": "builtins"}
        if not task["isolated"]:
            for tree, problem in [program, *calls]:
                node = find_disallowed(tree)
                if node:
                    return dumps({"disallowed": node})
            space["__builtins__"] = dict(allowed)
        result = run(*program, calls, space)
        space.clear()
        if not task["isolated"] and not unchanged():
            return dumps({"disallowed": "an object that tasks share was changed", "last": True})
        return dumps({"values": result})

    functions = (work, find_disallowed, run, evaluate, parse, serialize, describe, common, unchanged, loads, dumps)
    cells = [cell for function in functions for cell in function.__closure__ or ()]
    spaces = [vars(builtins), allowed, globals(), vars(json), vars(json.encoder), vars(json.decoder)]
    originals = []
    originals += common()
    return work

`;

/** Python that returns the function that runs tasks, once `RUNNER` has run: what tasks share is looked at here for the first time. */
export const START_RUNNER = `
_make(_find_disallowed, _BUILTINS, json.loads, json.dumps, compile, exec, eval, type, dict, map, all, operator.is_, repr, str,
      len, sorted, BaseException, ValueError, 100_000)
`;
