"""What student code showed is stored only in safe form."""

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.outputs import MAX_TEXT, clean_outputs, notice


def display(**data):
    return {"output_type": "display_data", "data": data, "metadata": {}}


def test_streams_errors_and_results_are_kept():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "hi\n"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "1"},
            "metadata": {},
            "execution_count": 3,
        },
    ]
    assert clean_outputs(outputs) == outputs


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src='//x'></iframe>",
        "<svg onload=alert(1)>",
        "<object data=x></object>",
        "<form action=//x><input></form>",
    ],
)
def test_html_cannot_run_anything(html):
    (output,) = clean_outputs([display(**{"text/html": html + "<b>kept</b>"})])
    text = output["data"]["text/html"]
    assert "<b>kept</b>" in text
    for word in ("script", "onerror", "onload", "javascript", "<iframe", "<object", "<form"):
        assert word not in text


def test_tables_stay_tables():
    table = '<table border="1" class="dataframe"><tr><th scope="col">a</th></tr></table>'
    (output,) = clean_outputs([display(**{"text/html": table})])
    assert 'class="dataframe"' in output["data"]["text/html"]


def test_kinds_that_can_run_code_are_dropped():
    (output,) = clean_outputs(
        [display(**{"application/javascript": "alert(1)", "image/svg+xml": "<svg/>"})]
    )
    assert output["data"] == {"text/plain": "[output of a kind that is not shown here]"}


def test_an_image_keeps_its_alt_text_and_nothing_else():
    image = display(**{"image/png": "aGk=", "text/plain": "curve"})
    image["metadata"] = {"image/png": {"alt": "A curve", "onload": "x"}, "isolated": True}
    (output,) = clean_outputs([image])
    assert output["metadata"] == {"image/png": {"alt": "A curve"}}


def test_long_texts_are_cut():
    (output,) = clean_outputs([{"output_type": "stream", "name": "stdout", "text": "x" * 10**6}])
    assert len(output["text"]) < MAX_TEXT + 100


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["output_type", "name", "text", "data", "metadata", "ename", "evalue",
                 "traceback", "text/plain", "image/png", "text/html"]
            ),
            inner | st.sampled_from(["stream", "stdout", "error", "display_data"]),
        )
    ),
    max_leaves=15,
)  # fmt: skip


@given(st.lists(JSON, max_size=4) | JSON)
def test_anything_becomes_valid_notebook_outputs(outputs):
    cell = nbformat.v4.new_code_cell("")
    cell.outputs = [nbformat.from_dict(o) for o in [*clean_outputs(outputs), notice("x")]]
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize(
    "key", ["AIza" + "x" * 35, "sk-proj-" + "a1" * 20, "ghp_" + "A" * 36, "AKIA" + "B" * 16]
)
def test_keys_are_masked_wherever_they_are_shown(key):
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": f"key={key}\n"},
        {"output_type": "error", "ename": "E", "evalue": key, "traceback": [f"x{key}y", key]},
        display(**{"text/html": f"<b>{key}</b>", "text/plain": key, "text/markdown": key}),
    ]
    assert key not in str(clean_outputs(outputs))


def test_markdown_keeps_plain_marks_and_shows_the_rest_as_text():
    from autograder.outputs import safe_markdown

    text = "a < b, <b>bold</b>, <script>x</script>, <img src=x onerror=y>, <B onclick=z>"
    safe = safe_markdown(text)
    assert "a < b, <b>bold</b>, &lt;script>" in safe
    assert "<img" not in safe
    assert "<B " not in safe


def test_an_image_that_is_none_is_dropped():
    (output,) = clean_outputs([display(**{"image/png": '"><script>alert(1)</script>'})])
    assert "script" not in str(output)


def test_no_more_outputs_are_kept_than_are_allowed():
    outputs = [{"output_type": "stream", "name": "stdout", "text": f"{i}"} for i in range(9)]
    assert clean_outputs(outputs, 3) == outputs[:4]
