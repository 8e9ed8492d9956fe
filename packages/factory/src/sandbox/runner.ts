/**
 * The Python side of the sandbox: takes a task as JSON, gives what its expressions came to as JSON.
 *
 * A value is spelled out here and compared outside, as text: an object that claims to equal everything is no plain value,
 * and nothing in this interpreter knows what is wanted. Dictionaries and sets are sorted, so that equal ones are spelled
 * alike; types are kept apart (`1`, `1.0` and `True` differ), inside lists too.
 */
export const RUNNER = `
import json

def _make(loads, dumps, compile, exec, eval, type, str, repr, len, sorted, BaseException, ValueError, longest):
    plain = (int, float, str, bool, bytes, complex, type(None))
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
    def shown(expression, space):
        try:
            value = spell(eval(compile(expression, "call", "eval"), space))
            return {"value": value} if len(value) <= longest else {"error": "gives " + str(len(value)) + " characters"}
        except BaseException as error:
            return {"error": told(error)}
    def told(error):
        try:
            return (type(error).__name__ + ": " + str(error))[:200]
        except BaseException:
            return "an error that cannot be told"
    def work(text):
        task = loads(text)
        space = {"__name__": "answer"}
        try:
            exec(compile(task["code"], "answer", "exec"), space)
        except BaseException as error:
            return dumps([{"error": told(error)} for _ in task["expressions"]])
        answers = dumps([shown(expression, space) for expression in task["expressions"]])
        space.clear()
        return answers
    return work

_make(json.loads, json.dumps, compile, exec, eval, type, str, repr, len, sorted, BaseException, ValueError, 100_000)
`;
