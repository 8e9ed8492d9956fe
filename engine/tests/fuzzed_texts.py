"""Texts that tokenizers stumble over, from a seed: all planes of Unicode, mixed scripts, runs of space, code, marks of chats."""

import random

# First and last letter of scripts with rules of their own: right to left, without spaces, with syllables, with case.
SCRIPTS = [
    *((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x620, 0x64A), (0x904, 0x939)),
    *((0xE01, 0xE2E), (0x1200, 0x1248), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x10400, 0x1044F)),
]
SPACES = [" ", " ", " ", "\t", "\n", "\r\n", "\r", "\u00a0", "\u2003", "\u200b", "\u3000", "\u2028", "\u0085", "\u2581", "\x0b"]
CONTROLS = [*map(chr, range(32)), *map(chr, range(127, 160)), "\u202e", "\u2066", "\ufeff", "\ufffd", "\ufffe", "\U0010ffff"]
DIGITS = [*"0123456789", *"٣५๗", "½", "Ⅳ", ".", ",", "e-", "0x", "\u2009"]
CODE = [
    *(
        "def f(x):\n    return x\n",
        "if (a != b) {\n\t\t",
        "};\n\n",
        "</div>",
        "// TODO",
        "#include <x.h>\n",
        '"\\u00e9"',
        "x[i]+=1;",
    ),
    *("```python\n", "SELECT * FROM t\n", "&nbsp;", "{{ message }}", "${HOME}", "->", "===", "/*", "I'm they'LL we've"),
]
MARKS = [
    *("<|im_start|>", "<|im_end|>", "<|im_end|", "<|IM_END|>", "< |im_end|>", "<s>", "</s>", "<unk>", "<bos>", "<pad>", "[INST]"),
    *(
        "<start_of_turn>",
        "<end_of_turn>model",
        "<|endoftext|>",
        "<|begin_of_text|>",
        "<0x0A>",
        "<0xE2><0x96>",
        "[PAD7]",
        "<unused3>",
    ),
]
COMBINING = [*map(chr, range(0x300, 0x315)), "\u0651", "\u093c", "\u0e34", "\u20e3", "\ufe0f", "\u3099"]
EMOJI = [*"🦙🏽👩❤🇫🇷🏳🌈👨🎓😀☺", "👩\u200d👩\u200d👧", "🏳\ufe0f\u200d🌈", "🏴\U000e0067\U000e007f", "\u200d", "\ufe0f"]
WORDS = [
    *("the", "cat", "and", "a", "green", "house", "Which", "colour", "is", "it", "was", "tree", "friend", "river", "stone"),
    *("Tom", "has", ".", ",", "?", "!", "'", '"', "été", "straße", "İ", "ﬁ"),
]


def fuzzed_texts(count: int, seed: int) -> list[str]:
    """Texts of up to a dozen pieces, each of another kind; equal seeds give equal texts. Lone surrogates are no text."""
    source = random.Random(seed)
    return ["".join(source.choice(PIECES)(source) for _ in range(source.randrange(12))) for _ in range(count)]


def _any_plane(source: random.Random) -> str:
    plane = source.choice([0, 0, 0, 1, 1, 2, 3, 14, 15, 16])
    points = (source.randrange(plane << 16, (plane + 1) << 16) for _ in range(source.randrange(1, 6)))
    return "".join(chr(point) for point in points if not 0xD800 <= point < 0xE000)


def _script(source: random.Random) -> str:
    first, last = source.choice(SCRIPTS)
    return "".join(chr(source.randint(first, last)) for _ in range(source.randrange(1, 9)))


def _spaces(source: random.Random) -> str:
    if source.random() < 0.5:
        return source.choice(SPACES) * source.randrange(1, 24)
    return "".join(source.choices(SPACES, k=source.randrange(1, 6)))


def _accented(source: random.Random) -> str:
    return source.choice("aeiouAnКकกか1 ") + "".join(source.choices(COMBINING, k=source.randrange(1, 5)))


def _words(source: random.Random) -> str:
    return " " * (source.random() < 0.8) + " ".join(source.choices(WORDS, k=source.randrange(1, 8)))


def _some(choices: list[str], most: int):
    return lambda source: "".join(source.choices(choices, k=source.randrange(1, most)))


PIECES = [
    *(_any_plane, _script, _script, _spaces, _accented, _words, _words, _words),
    *(_some(CONTROLS, 4), _some(DIGITS, 10), _some(CODE, 3), _some(MARKS, 3), _some(EMOJI, 5)),
]
