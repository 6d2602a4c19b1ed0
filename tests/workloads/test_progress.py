"""What a run says while it goes on."""

from tests import builders
from workloads.progress import progress


def sides(*seconds, variant="jax_jit"):
    """One variant in an environment for each of these; None is a failure."""
    return [
        builders.a_measurement(variant, seconds=one, environment=f"jax=={number}")
        if one
        else builders.a_measurement(variant, status="failed", environment=f"jax=={number}")
        for number, one in enumerate(seconds, 1)
    ]


def test_a_few_sides_are_told_one_by_one():
    """With the environment where there are several, and the status in the place of a number."""
    assert progress(3, 12, sides(1e-3)).endswith(": jax_jit 1.0 ms")
    assert progress(3, 12, sides(1e-3, None)).endswith(": jax==1 jax_jit 1.0 ms, jax==2 jax_jit failed")
    assert progress(3, 12, sides(1e-3)).startswith("[3/12] broadcast_sum ")


def test_of_many_sides_the_ends_are_told():
    """The fastest and the slowest environment of each variant, and how many have no number."""
    many = [*sides(*[2e-3] * 5, 1e-3, 4e-3, None), *sides(None, variant="numpy")]
    assert progress(1, 2, many).endswith(
        "jax_jit 1.0 ms (jax==6) to 4.0 ms (jax==7), jax_jit without a number in 1, numpy without a number in 1"
    )


def test_what_is_left_is_said_from_a_minute_on():
    """Nobody needs to know of seconds."""
    assert progress(3, 12, sides(1e-3), 12.4).startswith("[3/12, 12 min left] ")
    assert progress(3, 12, sides(1e-3), 0.9).startswith("[3/12] ")
