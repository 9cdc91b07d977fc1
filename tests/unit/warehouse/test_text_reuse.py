"""mart.shared_passage and mart.text_reuse: who repeats last year's text or a neighbour's, and what does not count."""

from __future__ import annotations

import pytest

from pipeline.warehouse.build import reopen_build

TASKS = ("修路", "供水", "低保", "医保", "植树", "防汛", "养老", "助残", "土地", "危房", "学位", "招聘")
OWN = "".join(f"{task}一项由镇党政办公室牵头逐条核对并在公示栏张贴告知村民代表37次。" for task in TASKS)
FRESH = "今年新设便民服务点，改由各村会计登记来件并每周汇总一次，全部留档备查。"
COMMON = "本报告依据条例要求编制，由总体情况等六个部分组成，数据统计期限为全年。" * 3


def with_body(rows, body: str, region: str = "990101"):
    rows["core.section"][0] |= {"body_text": body}
    rows["core.agency"][0] |= {"region_code": region}
    return rows


@pytest.fixture
def reuse(paths, make_report, build_stages):
    """甲镇 repeats its text with new figures, 乙镇 copies it, 丙镇 writes its own; all print the same boilerplate."""
    changed = OWN.replace("37次", "41次")
    build_stages(
        [
            with_body(make_report("甲镇人民政府", 2021, {}), COMMON + OWN),
            with_body(make_report("甲镇人民政府", 2022, {}), FRESH + changed),
            with_body(make_report("乙镇人民政府", 2022, {}), COMMON + OWN + FRESH),
            with_body(make_report("丙镇人民政府", 2022, {}), COMMON + FRESH, region="980101"),
            with_body(make_report("丁镇人民政府", 2022, {}), COMMON, region="970101"),
        ]
    )
    with reopen_build(paths) as con:
        yield con


def test_the_closest_report_of_each_kind_is_named(reuse) -> None:
    rows = reuse.execute(
        "SELECT agency_id, report_year, reuse_code, other_agency_id, other_report_year, similar_report_count, "
        "shared_sentence_count FROM mart.text_reuse ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("id-乙镇人民政府", 2022, "other_agency", "id-甲镇人民政府", 2022, 1, 13),
        ("id-甲镇人民政府", 2022, "other_agency", "id-乙镇人民政府", 2022, 1, 13),
        ("id-甲镇人民政府", 2022, "own_previous_year", "id-甲镇人民政府", 2021, 1, 12),
    ]


def test_offsets_lead_to_the_same_sentence_in_both_reports(reuse) -> None:
    pairs = reuse.execute(
        "SELECT substring(here.body_text, passage.start_offset + 1, passage.end_offset - passage.start_offset), "
        "substring(there.body_text, passage.other_start_offset + 1, "
        "passage.other_end_offset - passage.other_start_offset) "
        "FROM mart.shared_passage AS passage "
        "JOIN core.section AS here USING (report_id, section_code) "
        "JOIN core.section AS there ON passage.other_report_id = there.report_id "
        "AND passage.other_section_code = there.section_code"
    ).fetchall()
    assert len(pairs) == 38
    for here, there in pairs:
        assert here.rstrip("0123456789次") == there.rstrip("0123456789次")
        assert "。" not in here + there
        assert len(here) >= 15


def test_what_organs_of_three_prefectures_print_is_boilerplate(reuse) -> None:
    sentences = reuse.execute("SELECT DISTINCT shared_character_count FROM mart.shared_passage").fetchall()
    assert reuse.execute("SELECT count(*) FROM mart.text_reuse WHERE agency_id LIKE 'id-丁%'").fetchall() == [(0,)]
    assert all(count < 40 for (count,) in sentences)


def test_the_rate_is_taken_over_the_whole_narrative(reuse) -> None:
    ((rate, shared, whole),) = reuse.execute(
        "SELECT shared_over_narrative_rate, shared_character_count, narrative_character_count "
        "FROM mart.text_reuse WHERE reuse_code = 'own_previous_year'"
    ).fetchall()
    assert rate == shared / whole
    assert 0.8 < rate < 1
