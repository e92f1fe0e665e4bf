"""Figures in the common style."""

from dwsynapse.io.figure_style import svg_figure


def test_a_name_with_dollar_signs_that_is_no_formula_is_drawn_as_it_is(tmp_path):
    with svg_figure(tmp_path / "figure.svg") as (_, axes):
        axes.set_title("wire $x^{$")
    assert "wire $x^{$" in (tmp_path / "figure.svg").read_text()
