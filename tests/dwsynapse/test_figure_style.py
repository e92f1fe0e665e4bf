"""Figures in the common style."""

from xml.etree import ElementTree

from dwsynapse.io.figure_style import svg_figure


def test_a_name_with_dollar_signs_that_is_no_formula_is_drawn_as_it_is(tmp_path):
    with svg_figure(tmp_path / "figure.svg") as (_, axes):
        axes.set_title("wire $x^{$")
    assert "wire $x^{$" in (tmp_path / "figure.svg").read_text()


def test_a_name_with_signs_that_xml_has_not_leaves_a_figure_that_can_be_read(tmp_path):
    with svg_figure(tmp_path / "figure.svg") as (_, axes):
        axes.set_title("a\x01b")
    assert "a\ufffdb" in "".join(ElementTree.parse(tmp_path / "figure.svg").getroot().itertext())
