"""The same sites crawled with Scrapy, by an interpreter that has it: a task as JSON on stdin, its cost on stdout.

Belongs here: the shortest honest spider that brings the same documents home. Does not belong here: anything of this
project, which that interpreter cannot import. What it leaves out counts for Scrapy: it knows one pager of one family,
remembers nothing from night to night, compares no content, and syncs nothing to the disk.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

_PAGER = re.compile(r'createPageHTML\((\d+), (\d+), "(\w+)", "(\w+)"')
_REPORT = re.compile("信息公开.{0,8}(?:年度报告|年报)")
_FILE = re.compile(r"\.(?:pdf|docx?|zip)$")


class AnnualReportSpider(scrapy.Spider):
    """Lists, later pages, reports, files; bodies by their sha256, one line of JSON for each."""

    name = "annual_reports"

    def __init__(self, root: str, columns: list[str], **options: Any) -> None:
        super().__init__(**options)
        self.columns = columns
        self.folder = Path(root)
        self.log = (self.folder / "captures.jsonl").open("a", encoding="utf-8")

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """The first pages of all columns."""
        for column in self.columns:
            yield scrapy.Request(column, callback=self.parse_list)

    def parse_list(self, response: Response) -> Iterator[scrapy.Request]:
        """Reports, files and later pages of a list page."""
        self.keep(response)
        for anchor in response.css("ul.list a"):
            title, address = anchor.attrib.get("title", ""), anchor.attrib["href"]
            if _REPORT.search(title):
                follow = self.keep if _FILE.search(address) else self.parse_report
                yield response.follow(address, callback=follow)
        found = _PAGER.search(response.text)
        if found and found[2] == "0":
            for place in range(1, int(found[1])):
                yield response.follow(f"{found[3]}_{place}.{found[4]}", callback=self.parse_list)

    def parse_report(self, response: Response) -> Iterator[scrapy.Request]:
        """The files of a report."""
        self.keep(response)
        for address in response.css(".TRS_Editor a::attr(href)").getall():
            if _FILE.search(address):
                yield response.follow(address, callback=self.keep)

    def keep(self, response: Response) -> None:
        """Write a body and its line."""
        sha256 = hashlib.sha256(response.body).hexdigest()
        (self.folder / sha256).write_bytes(response.body)
        self.log.write(json.dumps({"url": response.url, "status": response.status, "sha256": sha256}) + "\n")


def read_memory_mb(field: str) -> float:
    """Megabytes this process holds (VmRSS) or has held at most (VmHWM), as Linux counts them; 0 elsewhere."""
    # What getrusage says is the most that the starting process held as well
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:")), 0.0)


def main() -> None:
    """Crawl what stdin says."""
    task = json.load(sys.stdin)
    process = CrawlerProcess(
        {
            "USER_AGENT": "AnnualReportSpider/0 (+https://example.org/crawl; crawl@example.org)",
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": task["threads"],
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": task["delay_seconds"],
            "RANDOMIZE_DOWNLOAD_DELAY": True,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    process.crawl(AnnualReportSpider, root=task["root"], columns=task["columns"])
    base_mb, started, spent = read_memory_mb("VmRSS"), time.monotonic(), time.process_time()
    process.start()
    figures = {"cpu_seconds": time.process_time() - spent, "seconds": time.monotonic() - started}
    print(json.dumps(figures | {"base_mb": base_mb, "peak_mb": read_memory_mb("VmHWM")}))


if __name__ == "__main__":
    main()
