"""JSON that is written the way it was."""

import pytest

from app.infrastructure.config.json_edit import edit_json

NEW = {"routes": {"a": {"url": "é"}}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '{\n  "routes": {\n    "a": {\n      "url": "é"\n    }\n  }\n}\n'),
        ('{"routes": {}}', '{"routes": {"a": {"url": "é"}}}'),
        ('{"routes":{}}\n', '{"routes":{"a":{"url":"é"}}}\n'),
        ('{"x": "\\u00fc"}', '{"routes": {"a": {"url": "\\u00e9"}}}'),
        ('{\n\t"x": 1\n}', '{\n\t"routes": {\n\t\t"a": {\n\t\t\t"url": "é"\n\t\t}\n\t}\n}'),
        ('\ufeff{\r\n "x": 1\r\n}\r\n', '\ufeff{\r\n "routes": {\r\n  "a": {\r\n   "url": "é"\r\n  }\r\n }\r\n}\r\n'),
    ],
)
def test_indentation_escapes_and_line_ends_stay(text: str, expected: str) -> None:
    assert edit_json(text, NEW) == expected
