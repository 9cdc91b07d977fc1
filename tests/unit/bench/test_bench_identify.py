from __future__ import annotations

from bench.identify import draw_names, measure_identification


def test_drawn_names_depend_on_the_seed_alone():
    assert list(draw_names(20, 1)) == list(draw_names(20, 1)) != list(draw_names(20, 2))


def test_no_simulated_name_is_resolved_wrongly_for_certain():
    figures = measure_identification(3_000, 7)
    assert sum(figures.outcomes.values()) == 3_000
    assert "confident error" not in figures.outcomes
    assert figures.outcomes["right"] > 2_400
