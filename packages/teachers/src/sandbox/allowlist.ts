/**
 * Python that checks a program's syntax tree before it runs: `_find_disallowed(tree)` returns the kind of the first node that is
 * not on these lists, or None. A program of allowed nodes can reach its own objects only:
 *
 * - The listed methods are the only way from one object to another. None takes the name of an attribute as text (as
 *   `str.format` does), and none leads to a class, frame, module or namespace.
 * - An attribute that no class of this Python has is harmless: a mistake of a model (`text.startwith`) ends in an
 *   AttributeError, which no program can inspect.
 * - Nothing runs after the program has ended: no generators with a `finally`, no classes with a `__del__`.
 * - A program cannot name a builtin that is not listed, so that it means the same here and in full Python.
 *
 * A disallowed program is not refused: it runs in an interpreter of its own (`sandbox.ts`). So these lists can be short.
 */
export const ALLOWLIST = `
import _pylong
import ast
import builtins

_METHODS = frozenset("""
    capitalize casefold center count endswith expandtabs find index isalnum isalpha isascii isdecimal isdigit
    isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip maketrans partition
    removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip
    swapcase title translate upper zfill
    append clear copy extend insert pop remove reverse sort
    fromkeys get items keys popitem setdefault update values
    add difference difference_update discard intersection intersection_update isdisjoint issubset issuperset
    symmetric_difference symmetric_difference_update union
    as_integer_ratio bit_count bit_length is_integer
""".split())

_BUILTINS = {name: getattr(builtins, name) for name in """
    abs all any ascii bin bool callable chr complex dict divmod enumerate filter float format frozenset hash hex int
    isinstance iter len list map max min next oct ord pow range repr reversed round set slice sorted str sum tuple zip
    ArithmeticError AssertionError Exception IndexError KeyError LookupError MemoryError NotImplementedError
    OverflowError RecursionError RuntimeError StopIteration TypeError ValueError ZeroDivisionError
    Ellipsis NotImplemented
""".split()}
# The real print would leave text in a buffer that all programs share.
_BUILTINS["print"] = lambda *values, sep=" ", end="\\\\n", file=None, flush=False: None
# C code looks it up by name to divide huge integers; no program can name it.
_BUILTINS["__import__"] = lambda name, *_: {"_pylong": _pylong}[name]

_NODES = [getattr(ast, name) for name in """
    Module Expression FunctionDef arguments arg Lambda Return Expr Assign AugAssign AnnAssign Delete Pass
    For While Break Continue If Assert Raise Try ExceptHandler
    BoolOp NamedExpr BinOp UnaryOp IfExp Compare Call keyword Starred Subscript Slice Name Attribute Constant
    Dict Set List Tuple ListComp SetComp DictComp GeneratorExp comprehension JoinedStr FormattedValue
""".split()]

def _names_of_all_classes():
    names, todo = set(), [object]
    while todo:
        kind = todo.pop()
        names.update(vars(kind))
        todo += type.__subclasses__(kind)
    return frozenset(names)

def _make_find_disallowed(methods, known, builtin, nodes, type, list, getattr):
    # Fields without child nodes. Text in any other field is no allowed node, so that a new field is refused.
    flat = {"ctx", "op", "ops", "id", "attr", "name", "conversion", "is_async", "simple", "type_comment"}
    flat_of = {ast.Constant: {"value", "kind"}, ast.arg: {"arg", "type_comment"}, ast.keyword: {"arg"}}
    fields_of = {kind: tuple([f for f in kind._fields if f not in flat_of.get(kind, flat)]) for kind in nodes}
    fields_of[type(None)] = ()
    load = ast.Load
    withheld = frozenset([name for name in vars(builtins) if name not in builtin])
    disallowed_if = {
        ast.Name: lambda node: "__" in node.id or node.id in withheld,
        ast.Attribute: lambda node: type(node.ctx) is not load or node.attr not in methods and (node.attr in known or node.attr[0] == "_"),
        ast.FunctionDef: lambda node: "__" in node.name or node.decorator_list,
        ast.arg: lambda node: "__" in node.arg,
        ast.keyword: lambda node: "__" in (node.arg or ""),
        ast.ExceptHandler: lambda node: node.name,
        ast.comprehension: lambda node: node.is_async,
        # str(b"...", "name") would load a module for the encoding of that name.
        ast.Constant: lambda node: type(node.value) is bytes,
    }
    def find_disallowed(tree):
        todo = [tree]
        while todo:
            node = todo.pop()
            kind = type(node)
            fields = fields_of.get(kind)
            if fields is None or kind in disallowed_if and disallowed_if[kind](node):
                return kind.__name__
            for field in fields:
                value = getattr(node, field)
                if type(value) is list:
                    todo += value
                else:
                    todo.append(value)
        return None
    return find_disallowed

_find_disallowed = _make_find_disallowed(_METHODS, _names_of_all_classes(), _BUILTINS, _NODES, type, list, getattr)
`;
