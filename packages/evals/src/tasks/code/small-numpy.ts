/**
 * What the tests of HumanEval+ and MBPP+ use of NumPy, which the sandbox does not have: `allclose` of numbers and of lists of them, and the names
 * of three types. It stands between an answer and its tests: an answer that imports NumPy fails.
 */
const SMALL_NUMPY = `
def _small_numpy():
    import math, sys, types
    def close(one, other, rtol, atol):
        rows = [value if isinstance(value, (list, tuple)) else None for value in (one, other)]
        if rows == [None, None]:
            if not all(isinstance(value, (int, float, complex)) for value in (one, other)):
                raise TypeError("no numbers")
            # Infinite values are close only to themselves, and NaN to nothing.
            return one == other or abs(other) != math.inf and abs(one - other) <= atol + rtol * abs(other)
        lengths = [1 if row is None else len(row) for row in rows]
        if lengths[0] != lengths[1] and 1 not in lengths:
            raise ValueError("operands could not be broadcast together")
        count = 0 if 0 in lengths else max(lengths)
        def at(which, place):
            row = rows[which]
            return (one, other)[which] if row is None else row[place if len(row) > 1 else 0]
        return all([close(at(0, place), at(1, place), rtol, atol) for place in range(count)])
    module = types.ModuleType("numpy")
    module.allclose = lambda a, b, rtol=1e-05, atol=1e-08: close(a, b, rtol, atol)
    module.ndarray, module.float32, module.float64 = [type(name, (), {}) for name in ("ndarray", "float32", "float64")]
    sys.modules["numpy"] = module
_small_numpy()
`;

/** What has to stand before tests that import NumPy; empty for others. */
export const smallNumpyFor = (tests: string) => (/^import numpy/m.test(tests) ? SMALL_NUMPY : '');
