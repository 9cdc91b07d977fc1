"""The page shows what was measured; the committed page is the one of the committed figures."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bench.__main__ import MEASURED, PAGE, main
from bench.accuracy import Fault, Tally, describe_tallies
from bench.machine import describe_machine, format_machine
from bench.page import format_faults, format_page
from bench.speed import Timing, describe_timing


@pytest.fixture
def measured():
    fault = Fault("wrong", "000007-word.html", "requests.granted.total", "3", "8", "8")
    outcomes = {"report": 1, "not_a_report": 1}
    tally = Tally(2, 1_399, 1, outcomes=outcomes, faults=[fault], printed_numbers=20_000, read_numbers=19_999)
    timings = [
        Timing("word", 5, 140_600, 0, 2.0, 3.0, "selectolax, parse only", 0.5, {"bs4": 25.0}),
        Timing("plain", 5, 4_000, 0, 0.5, 3.0, "decoding", 0.001),
    ]
    return {
        "machine": {
            "cores": 2,
            "architecture": "x86_64",
            "python": "3.11.7",
            "parts": {"lxml": "6.1"},
        },
        "settings": {"reports": 2_000, "mutations": 10_000, "rounds": 15, "seed": 1},
        "skipped": {"doc": "soffice is not installed here"},
        "accuracy": describe_tallies({"word": tally, "not made": Tally(not_made=3)}),
        "damage": describe_tallies({"drop_row": Tally(documents=1, right=200)}),
        "speed": [describe_timing(timing) for timing in timings],
    }


def test_counts_are_shown_by_group_and_in_all(measured):
    shown = format_page(measured)
    assert "| word | 2 | 1,399 | 1 | 0 | 0 | 0 | 0 | 99.99 % |\n" in shown
    assert "| **all** | **2** | **1,399** | **1** |" in shown
    assert "| drop_row | 1 | 200 | 0 | 0 | 0 | 0 |\n" in shown


def test_a_number_read_wrong_is_listed_on_the_page(measured):
    line = "- wrong: 000007-word.html requests.granted.total printed '3' read '8'\n"
    assert line in format_page(measured)
    measured["accuracy"]["word"]["faults"] = []
    assert "misreadings" not in format_page(measured)


def test_documents_that_were_not_made_or_skipped_are_said(measured):
    shown = format_page(measured)
    assert "not_a_report 1, report 1. 3 more were not made" in shown
    assert "| not made |" not in shown
    assert "Not measured: doc (soffice is not installed here)." in shown


def test_ratios_are_to_the_bare_parser_of_the_same_run(measured):
    shown = format_page(measured)
    assert "| word | 141 |  | 2.00 | 3.00 | **5.00** | selectolax, parse only | 0.50 | 4.0 | 10.0 |" in shown
    assert "| plain | 4 |  | 0.50 | 3.00 | **3.50** | decoding | 0.00 |  |  |" in shown
    assert "| word | bs4 | 25.0 | 12.5 × | 5.0 × |" in shown


def test_without_other_libraries_their_section_is_left_out(measured):
    for timing in measured["speed"]:
        timing["peers"] = {}
    assert "Other libraries" not in format_page(measured)


def test_a_fault_can_be_found_again(measured):
    assert format_faults(measured) == "wrong: 000007-word.html requests.granted.total printed '3' read '8'\n"


def test_the_committed_page_shows_the_committed_figures():
    stored = json.loads(MEASURED.read_text(encoding="utf-8"))
    assert PAGE.read_text(encoding="utf-8") == format_page(stored)


def test_committed_figures_hold_no_wrong_number_of_an_undamaged_document():
    stored = json.loads(MEASURED.read_text(encoding="utf-8"))
    for name, tally in stored["accuracy"].items():
        assert tally["read_numbers"] == tally["printed_numbers"] or tally["missed"], name
        assert (tally["wrong"], tally["invented"], tally["exceptions"]) == (0, 0, 0), name


def test_the_page_is_not_written_without_figures(tmp_path):
    result = CliRunner().invoke(main, ["page", "--json", str(tmp_path / "none.json")])
    assert result.exit_code == 1
    assert "run python -m bench measure first" in result.output


def test_the_machine_is_shown_with_what_is_known_of_it():
    machine = {"cores": 2, "architecture": "x86_64", "python": "3.11.7", "parts": {"lxml": "6.1"}}
    assert format_machine(machine) == "Measured on 2 cores (x86_64), Python 3.11.7, lxml 6.1.\n"
    known = {**machine, "processor": "Some CPU", "memory_gib": 15.5}
    assert format_machine(known) == "Measured on 2 cores (x86_64, Some CPU) with 15.5 GiB, Python 3.11.7, lxml 6.1.\n"
    assert describe_machine().keys() == known.keys()


def test_every_part_that_was_measured_has_its_section(measured):
    night = {"changed reports": 3, "load": 1.0, "models": 2.0, "publish": 3.0, "whole": 6.0, "cpu": 5.0}
    measured["warehouse"] = {
        "machine": measured["machine"],
        "base": 100,
        "reports_per_year": 1_000,
        "years": 2,
        "cells": 400_000,
        "file_bytes": 5_000_000,
        "nights": {"first": night},
        "questions": {"who_is_late": 12.0},
        "peak_mebibytes": 900.4,
    }
    shown = format_page(measured)
    assert "2,000 reports of 2 years as rows (400,000 cells), multiplied out of 100 that were read" in shown
    assert "| first | 3 | 1.0 | 2.0 | 3.0 | 6.0 | 5.0 |\n" in shown
    assert "1 sample questions: median 12 ms, slowest who_is_late 12 ms." in shown
    assert "## A nation's nights" not in shown
