"""What an environment is called: by the versions that it came to, in what a bundle has room for."""

from __future__ import annotations

from flows.environments.asking import MOST_CHARACTERS, named
from flows.environments.resolution import Package, Resolution
from flows.environments.spec import parse_spec


def name_of(text, packages):
    """The name of a spec that came to these versions."""
    resolution = Resolution(tuple(Package(name, version, "ab" * 32) for name, version in packages.items()))
    return named(parse_spec(text), resolution)


def test_a_name_is_what_was_asked_for_by_the_versions_that_it_came_to():
    """Not what came along with it."""
    packages = {"jax": "0.9.2", "jaxlib": "0.9.2", "numpy": "2.4.3", "scipy": "1.17.0"}
    assert name_of("numpy>=2,jax[cuda13],python==3.12", packages) == "numpy==2.4.3,jax[cuda13]==0.9.2,python==3.12"


def test_many_packages_still_have_a_short_name():
    """With NumPy and JAX in it, and another one where another package differs."""
    packages = {"numpy": "2.4.3", "jax": "0.9.2", "jaxlib": "0.9.2"}
    many = {f"some-long-package-{letter}": "1.0" for letter in "abcdef"}
    name = name_of(",".join(["numpy", "jax", *many]), packages | many)
    assert name.startswith("numpy==2.4.3,jax==0.9.2,")
    assert len(name) <= MOST_CHARACTERS
    other = name_of(",".join(["numpy", "jax", *many]), packages | many | {"some-long-package-a": "1.1"})
    assert other != name
