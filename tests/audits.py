"""What tests of audits share: a demo lock, a channel that offers exactly what it locks, and findings made up."""

from functools import cache

from bot import lockfiles
from bot.demo.channel import CONDA_FORGE, ChannelData, Record
from bot.demo.samples import sample_files
from bot.model.audit import Finding, FindingRule
from bot.model.manifest import PackageName, Subdir

PATH = "pixi.lock"
BZIP2 = f"{CONDA_FORGE}/linux-64/bzip2-1.0.8-hda65f42_8.conda"


@cache
def demo_lock() -> str:
    """Return the lock of the sample `held-back`."""
    return sample_files("held-back")[PATH].decode()


@cache
def locked_data() -> ChannelData:
    """Return conda-forge as far as the demo lock names it."""
    lock = lockfiles.parse(PATH, demo_lock().encode())
    urls = {record.url for each in lock.environments for records in each.conda.values() for record in records}
    return ChannelData.demo().without(lambda each: f"{CONDA_FORGE}/{each.subdir}/{each.fn}" not in urls)


def is_bzip2(each: Record) -> bool:
    return BZIP2.endswith(f"{each.subdir}/{each.fn}")


def bzip2() -> Record:
    """Return the record that tests change."""
    return next(filter(is_bzip2, locked_data().records()))


def finding(
    rule: FindingRule, sentence: str = "It differs.", *, url: str = BZIP2, environment: str = "default", line: int = 7
) -> Finding:
    return Finding(
        rule=rule,
        name=PackageName("bzip2"),
        version="1.0.8",
        url=url,
        environments=(environment,),
        subdirs=(Subdir("linux-64"),),
        sentence=sentence,
        line=line,
    )
