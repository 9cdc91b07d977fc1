from __future__ import annotations

from pipeline.archive.captures import CaptureLog


def test_new_documents_are_listed_once(run, data, tmp_path):
    (tmp_path / "a.txt").write_text("something")
    first, second = run("ingest", str(tmp_path / "a.txt")), run("ingest", str(tmp_path / "a.txt"))
    assert first.exit_code == second.exit_code == 0
    document_id, media_type, origin = first.stdout.strip().split("\t")
    assert (media_type, origin) == ("text/plain", f"{tmp_path.name}/a.txt")
    assert second.stdout == ""
    assert "1 known" in second.stderr
    assert [capture.document_id for capture in CaptureLog(data.captures).read()] == [document_id]


def test_missing_path_is_an_error_and_the_others_are_taken_in(run, data, tmp_path):
    (tmp_path / "a.txt").write_text("something")
    result = run("ingest", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    assert result.exit_code == 2
    assert "b.txt" in result.stderr
    assert len(CaptureLog(data.captures).read()) == 1


def test_unreadable_file_is_four(run, tmp_path):
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone.txt")
    result = run("ingest", str(tmp_path / "*.txt"))
    assert result.exit_code == 4
    assert "error [file_unreadable]" in result.stderr
