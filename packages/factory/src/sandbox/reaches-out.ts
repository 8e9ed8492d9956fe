/**
 * Everything in Python that leads from a function to something it was not given: modules, double underscores, reflection,
 * frames. What has none of these can change nothing but its own namespace.
 */
const WAYS_OUT =
  /__|\b(?:import|eval|exec|compile|open|getattr|setattr|delattr|globals|locals|vars|type|super|breakpoint|help)\b|\b(?:f_(?:back|globals|builtins|locals|code|generator)|(?:gi|cr|ag)_\w+|tb_\w+)\b/;

/**
 * Whether a Python program might reach beyond its own namespace, judged by its text alone: rather once too often than
 * once too seldom. Such a program is not forbidden; it gets an interpreter of its own, which is thrown away after it.
 */
export function reachesOut(code: string): boolean {
  // Python reads identifiers in this normal form, so that other ways of writing `_` and letters lead to the same names.
  return WAYS_OUT.test(code.normalize('NFKC'));
}
