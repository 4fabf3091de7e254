"""The positions of TOML values are those of the characters that tomlkit reads as the values."""

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ManifestError
from bot.manifests.toml_positions import locate_values

EVERYTHING = r"""# a comment
top = "level" # trailing
bare-key_1 = 1
"quoted key" = 'literal'
'single' = true
dotted . "key".x = 1979-05-27 07:32:00
numbers = [1, 2.0, 0x1F, 1_000, inf, -nan, 07:32:00, 1979-05-27T07:32:00Z]
strings = ["a\"b", 'c\', "", '', "#", "]"]
basic = '''x
''y'''
multi = '''''two'''''
long = "\""
array = [ # comment
  [1, [2]], # more
  { a = 1, b.c = [ { d = "e" } ] }
  ,
]
inline = {}
[table]
x = 1
[ spaced . "out" ]
x = "y"
[[list]]
name = "first"
[list.sub]
x = 1
[[list]]
name = "second"
[[list.nested]]
x = 1
[[list.nested]]
x = 2
"""


def leaves(value: object, at: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], object]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: leaf for name, each in pairs for key, leaf in leaves(each, (*at, name)).items()}
    return {at: value}


def test_every_value_is_found_where_it_stands() -> None:
    positions = locate_values("pixi.toml", EVERYTHING)
    values = leaves(tomllib.loads(EVERYTHING))

    assert positions.values.keys() == values.keys()
    for at, value in values.items():
        raw = positions.raw(at)
        assert raw is not None
        assert str(tomllib.loads(f"x = {raw}")["x"]) == str(value)


def test_comments_are_known_by_their_lines() -> None:
    positions = locate_values("pixi.toml", EVERYTHING)

    assert positions.comments == {1: "a comment", 2: "trailing", 13: "comment", 14: "more"}


def test_of_a_string_on_one_line_it_is_known_what_stands_between_its_quotes() -> None:
    positions = locate_values("pixi.toml", 'a = "x"\nb = \'y\'\nc = "\\u0078"\nd = """x"""\ne = 1\ng = ""\n')

    assert [positions.between_quotes((key,)) for key in "abcdefg"] == ["x", "y", "\\u0078", "", "", "", ""]
    places = [positions.inner((key,)) for key in "abcdefg"]
    assert [place[1] if place else None for place in places] == ['"', "'", '"', None, None, None, '"']


keys = st.text("ab1-_", min_size=1, max_size=3) | st.text(max_size=3)
values = st.recursive(
    st.text(max_size=5) | st.integers(-9, 9) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=4))
def test_what_tomlkit_writes_is_located_as_tomlkit_reads_it(document: dict[str, object]) -> None:
    text = tomlkit.dumps(document)
    read = tomlkit.parse(text).unwrap()

    positions = locate_values("pixi.toml", text)

    # A key with escapes is not decoded, so what stands under it is not found.
    expected = {at for at in leaves(read) if not any("\\" in repr(part) or '"' in str(part) for part in at)}
    assert expected <= positions.values.keys()


ERRORS = {
    "a key without a value": ("a = \n", ":1: is not TOML: a value is missing"),
    "a string that does not end": ('\na = "x\n', ":2: is not TOML: a value is missing or its quotes do not end"),
    "a long string that does not end": ('a = """x\n', ":1: is not TOML: something follows"),
    "a value without a key": ("= 1\n", ":1: is not TOML: a key is missing"),
    "no equals sign": ("a 1\n", ":1: is not TOML: `=` is missing"),
    "two values on a line": ("a = 1 b = 2\n", ":1: is not TOML: something follows"),
    "a header that does not end": ("[a\n", "`]` is missing"),
    "a list that does not end": ("a = [1 2]\n", "`]` is missing"),
    "a table that does not end": ("a = {b = 1\n", "`}` is missing"),
    "a value twice": ("a = 1\na = 2\n", ":2: is not TOML: `a` is defined twice"),
    "a deep list": ("a = " + "[" * 70, "is nested deeper than 64 levels"),
    "a deep table": ("a = " + "{a = " * 70, "is nested deeper than 64 levels"),
    "a key of many parts": ("a." * 70 + "a = 1", "has a key of more than 64 parts"),
    "many keys": ("".join(f"a{n} = 1\n" for n in range(10_001)), "has more than 10000 keys and list items"),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_what_is_not_toml_or_too_large_is_refused_with_its_line(kind: str) -> None:
    text, sentence = ERRORS[kind]

    with pytest.raises(ManifestError) as raised:
        locate_values("pixi.toml", text)

    assert sentence in str(raised.value)
