"""What a change brings in that is affected, and what it mends; what stood so before it is not its doing."""

from collections.abc import Iterable
from dataclasses import replace

from bot.config import PATHS, Configuration, read_configuration
from bot.model.advisory import Advisory, FoundAdvisories
from bot.model.change_report import ChangeReport
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.rendering.change_report import remarks
from bot.updating.answering import report_lines
from bot.updating.change import Changed, change_report
from tests.planning.toy import record
from tests.updating.test_said import ignored
from tests.updating.test_security import JINJA2, Database, advisory, environment, guarded, locked
from tests.updating.toy import Toy

ZLIB = record("zlib", "1.3")
WHEEL = "https://files.example/jinja2-3.1.2-py3-none-any.whl"


async def looked(before: tuple[Record, ...], after: tuple[Record, ...], **files: bytes) -> ChangeReport:
    return await compared(locked('zlib = "*"', *before), locked('zlib = "*"', *after), advisory("3.1.4"), **files)


async def compared(
    before: dict[str, bytes], after: dict[str, bytes], *advisories: Advisory, **files: bytes
) -> ChangeReport:
    toy = Toy(*JINJA2, ZLIB)
    scanner = guarded(toy, *advisories)
    return await change_report(Changed(before=before, after={**after, **files}), scanner, ())


def said(report: ChangeReport) -> list[str]:
    return [each.sentence for audit in report.audits for each in audit.findings]


async def test_what_comes_in_affected_is_a_note_on_its_line_and_holds_nobody_up() -> None:
    report = await looked((ZLIB,), (ZLIB, JINJA2[0]))

    [sentence] = said(report)
    [remark] = [each for each in remarks(report) if each.message == sentence]
    line = locked('zlib = "*"', ZLIB, JINJA2[0])["pixi.lock"].decode().splitlines()[remark.line - 1]
    assert sentence == "jinja2 3.1.2 is affected by GHSA-1 (high): Templates escape. Fixed in 3.1.4."
    assert (remark.path, remark.message, remark.is_failure) == ("pixi.lock", sentence, False)
    assert line.endswith(JINJA2[0].url)


async def test_what_was_affected_before_is_not_its_doing() -> None:
    report = await looked((JINJA2[0],), (JINJA2[1], ZLIB))

    assert (said(report), report.mended) == ([], ())


async def test_what_it_mends_is_said() -> None:
    report = await looked((JINJA2[0],), (JINJA2[2],))
    gone = await looked((JINJA2[0], ZLIB), (ZLIB,))

    assert report.mended == ("jinja2 3.1.2 was affected by GHSA-1 (high); it is 3.1.4 now.",)
    assert gone.mended == ("jinja2 3.1.2 was affected by GHSA-1 (high); it is not there any more.",)


async def test_its_own_word_on_what_it_brings_is_told_and_mends_nothing() -> None:
    files = {**locked('zlib = "*"', ZLIB, JINJA2[0]), PATHS[0]: ignored().encode()}
    toy = Toy(*JINJA2, ZLIB)
    scanner = guarded(toy, advisory("3.1.4"))
    scanner = scanner.configured(replace(scanner.knows, advisories=_configured(files).advisories))

    report = await change_report(Changed(before=locked('zlib = "*"', ZLIB), after=files), scanner, ())

    [audit] = report.audits
    assert (audit.findings, report.mended) == ((), ())
    assert [each.sentence for each in audit.excused] == [
        "jinja2 3.1.2 is not affected by GHSA-1 (high): ignored because nobody renders (.github/condabot.yml:1)."
    ]


async def test_packages_of_pypi_that_come_in_are_judged_as_well() -> None:
    after = locked('zlib = "*"', ZLIB)
    package = f"- pypi: {WHEEL}\n  name: jinja2\n  version: 3.1.2\n"
    text = after["pixi.lock"].decode().replace("packages:\n- ", f"packages:\n{package}- ")
    text = text.replace("      linux-64:\n", f"      linux-64:\n      - pypi: {WHEEL}\n", 1)

    report = await compared(locked('zlib = "*"', ZLIB), {**after, "pixi.lock": text.encode()}, advisory("3.1.4"))

    assert len(said(report)) == 1
    [audit] = report.audits
    assert (audit.records, audit.others) == (0, 1)


async def test_a_scan_says_where_everything_stands_and_what_nobody_knows() -> None:
    report = await guarded(Toy(*JINJA2), advisory("3.1.4")).scan(environment("jinja2=3.1.2"), {})

    assert "advisories: 1 package held against advisories, 1 affected" in list(report_lines(report, ()))


async def test_advisories_that_cannot_be_had_are_told_once_and_the_rest_is_there() -> None:
    class Broken(Database):
        async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
            raise AssertionError(names)

    scanner = guarded(Toy(*JINJA2, ZLIB))
    assert scanner.advisories is not None
    scanner = replace(scanner, advisories=replace(scanner.advisories, index=Broken()))
    changed = Changed(before=locked('zlib = "*"', ZLIB), after=locked('zlib = "*"', ZLIB, JINJA2[0]))

    report = await change_report(changed, scanner, ())

    assert [each.path for each in report.problems] == ["advisories"]
    assert len(report.audits) == 1


def _configured(files: dict[str, bytes]) -> Configuration:
    return read_configuration({PATHS[0]: files[PATHS[0]]})
