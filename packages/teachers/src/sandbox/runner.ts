import { ALLOWLIST } from './allowlist.ts';

/**
 * The Python side of the sandbox: takes a task as JSON, gives what became of it as JSON (`messages.ts`, `SandboxAnswer`).
 *
 * A task that shares the interpreter with others is parsed and looked at first; what runs is the very tree that was looked
 * at, in a namespace and with builtins of its own. Afterwards everything the tasks have in common must still be the same
 * objects as at the start.
 *
 * A value is spelled out here and compared outside, as text: an object that claims to equal everything is no plain value,
 * and nothing in this interpreter knows what is wanted. Dictionaries and sets are sorted, so that equal ones are spelled
 * alike; types are kept apart (`1`, `1.0` and `True` differ), inside lists too.
 */
export const RUNNER = `
${ALLOWLIST}
import json
import operator
import warnings
import unicodedata  # or the first name of a letter in a text would load it in the middle of a task
warnings.simplefilter("ignore")

def _make(outside, allowed, loads, dumps, compile, exec, eval, type, dict, map, all, is_, repr, str, len, sorted,
          BaseException, ValueError, longest):
    plain = (int, float, str, bool, bytes, complex, type(None))
    only_tree = ast.PyCF_ONLY_AST
    def spell(value):
        kind = type(value)
        if kind in plain:
            return repr(value)
        if kind is list:
            return "[" + ", ".join([spell(item) for item in value]) + "]"
        if kind is tuple:
            return "(" + ", ".join([spell(item) for item in value]) + ",)"
        if kind is dict:
            return "{" + ", ".join(sorted([spell(key) + ": " + spell(value[key]) for key in value])) + "}"
        if kind is set or kind is frozenset:
            return kind.__name__ + "(" + ", ".join(sorted([spell(item) for item in value])) + ")"
        raise ValueError("a " + kind.__name__ + " is no plain value")
    def told(error):
        try:
            return (type(error).__name__ + ": " + str(error))[:200]
        except BaseException:
            return "an error that cannot be told"
    def parse(source, name, mode):
        try:
            return compile(source, name, mode, only_tree, True), None
        except BaseException as error:
            return None, {"error": told(error)}
    def shown(tree, problem, space):
        if problem:
            return problem
        try:
            value = spell(eval(compile(tree, "call", "eval", 0, True), space))
            return {"value": value} if len(value) <= longest else {"error": "gives " + str(len(value)) + " characters"}
        except BaseException as error:
            return {"error": told(error)}
    def answer(program, problem, calls, space):
        if not problem:
            try:
                exec(compile(program, "answer", "exec", 0, True), space)
            except BaseException as error:
                problem = {"error": told(error)}
        return [problem or shown(*call, space) for call in calls]
    def common():
        objects = [function.__code__ for function in functions] + [cell.cell_contents for cell in cells]
        for space in spaces:
            objects += space
            objects += space.values()
        return objects
    def unchanged():
        objects = common()
        return len(objects) == len(held) and all(map(is_, objects, held))
    def work(text):
        task = loads(text)
        program = parse(task["code"], "answer", "exec")
        calls = [parse(expression, "call", "eval") for expression in task["expressions"]]
        space = {"__name__": "answer"}
        if not task["alone"]:
            for tree, problem in [program, *calls]:
                strange = outside(tree)
                if strange:
                    return dumps({"outside": strange})
            space["__builtins__"] = dict(allowed)
        result = answer(*program, calls, space)
        space.clear()
        if not task["alone"] and not unchanged():
            return dumps({"outside": "what tasks share was changed", "last": True})
        return dumps({"shown": result})

    functions = (work, outside, answer, shown, parse, spell, told, common, unchanged, loads, dumps)
    cells = [cell for function in functions for cell in function.__closure__ or ()]
    spaces = [vars(builtins), allowed, globals(), vars(json), vars(json.encoder), vars(json.decoder)]
    held = []
    held += common()
    return work

_make(_outside, _BUILTINS, json.loads, json.dumps, compile, exec, eval, type, dict, map, all, operator.is_, repr, str,
      len, sorted, BaseException, ValueError, 100_000)
`;
