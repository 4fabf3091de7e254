"""What is counted, under which names: operators' dashboards and alarms stand on them."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import metrics
from bot.metrics import DeliveryResult, PullState


def counted(name: str, **labels: str) -> float:
    """Return the value of a sample, 0 where there is none."""
    found = metrics.REGISTRY.get_sample_value(name, labels)
    return found or 0.0


@pytest.mark.parametrize(
    ("count", "name", "labels"),
    [
        (
            lambda: metrics.job_ended("push", "done", 2),
            "condabot_job_seconds_count",
            {"kind": "push", "outcome": "done"},
        ),
        (lambda: metrics.delivery_answered(DeliveryResult.STORED, 0.1), "condabot_delivery_ack_seconds_count", {}),
        (
            lambda: metrics.delivery_answered(DeliveryResult.REFUSED, 0.1),
            "condabot_deliveries_total",
            {"result": "refused"},
        ),
        (
            lambda: metrics.deliveries_worked_off(DeliveryResult.EXPANDED),
            "condabot_deliveries_total",
            {"result": "expanded"},
        ),
        (
            lambda: metrics.github_answered("core", 403),
            "condabot_github_requests_total",
            {"class": "core", "status": "403"},
        ),
        (lambda: metrics.pushed("release"), "condabot_pushes_total", {"reason": "release"}),
        (lambda: metrics.pull_became(PullState.MERGED), "condabot_pulls_total", {"state": "merged"}),
        (metrics.lock_rejected, "condabot_locks_rejected_total", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_happens_is_counted_under_its_name(count: object, name: str, labels: dict[str, str]) -> None:
    before = counted(name, **labels)
    assert callable(count)

    count()

    assert counted(name, **labels) == before + 1


def test_a_solve_is_measured_whether_it_went_well_or_not() -> None:
    before, killed = counted("condabot_solve_seconds_count"), counted("condabot_solver_killed_total")
    with metrics.solving():
        pass
    with pytest.raises(ZeroDivisionError), metrics.solving():
        raise ZeroDivisionError
    assert counted("condabot_solve_seconds_count") == before + 2
    assert counted("condabot_solver_killed_total") == killed + 1


def test_the_text_is_read_by_prometheus_own_parser_and_names_nobody() -> None:
    families = list(text_string_to_metric_families(metrics.written().decode()))

    assert all(each.name.startswith("condabot_") and each.documentation for each in families)
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert set(metrics.LABELS) == {each.name for each in metrics.REGISTRY.collect()}
    assert labels <= {"kind", "outcome", "le", "result", "class", "status", "reason", "state"}
