import { RUNNER } from './runner.ts';

/**
 * What a Python has loaded before it is copied: modules that answers to coding questions use, so that no program waits for them, and the
 * runner. They are in memory and not yet seen by any program. None may read the clock or the environment in a way that matters later.
 */
export const PREPARE = `
import _pylong, ast, bisect, builtins, collections, copy, dataclasses, datetime, decimal, enum, fractions, functools, hashlib
import heapq, io, itertools, json, math, operator, random, re, statistics, string, sys, textwrap, time, typing, unicodedata, warnings
${RUNNER}`;
