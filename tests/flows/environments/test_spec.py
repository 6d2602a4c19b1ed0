"""What can be asked for, and what cannot."""

from __future__ import annotations

import pytest

from flows.environments.spec import EnvironmentSpecError, parse_spec, read_spec, spec_of_file, with_extra


def test_exact_versions_by_name():
    """Names are folded as the registry folds them."""
    spec = parse_spec("NumPy==2.4.3, jax==0.9.2")
    assert spec.pins == {"numpy": "2.4.3", "jax": "0.9.2"}
    assert spec.name == "numpy==2.4.3,jax==0.9.2"
    assert spec.is_exact
    assert parse_spec("numpy==2.0.0,ml_dtypes==0.5.0").name == "numpy==2.0.0,ml-dtypes==0.5.0"


def test_ranges_and_extras_have_commas_of_their_own():
    """A comma before a bound, or inside brackets, separates no packages."""
    spec = parse_spec("numpy>=2,<3,jax[k8s,cuda13]==0.9.2,python==3.12")
    assert spec.requirements == {"numpy": "numpy<3,>=2", "jax": "jax[cuda13,k8s]==0.9.2"}
    assert spec.labels == {"numpy": "numpy", "jax": "jax[cuda13,k8s]"}
    assert spec.python == "3.12"
    assert not spec.is_exact


@pytest.mark.parametrize("open_one", ["numpy", "numpy>=2", "numpy==2.*"])
def test_what_may_mean_another_version_tomorrow_is_not_exact(open_one):
    """It is resolved anew each time; an exact one is resolved once."""
    assert not parse_spec(open_one).is_exact


@pytest.mark.parametrize(
    "wrong",
    [
        "numpy==banana",
        "jax @ http://example.invalid/jax.whl",
        "numpy==2,numpy==2",
        "python==3.12,python==3.11,numpy",
        "python>=3.12,numpy",
        "numpy==2; python_version>'3'",
        "python==3.12",
        "",
        ",",
        "--index-url==1",
        "../numpy==2",
    ],
)
def test_anything_else_is_refused_with_an_example(wrong):
    """Addresses, paths, options, markers, a package twice, a Python that is not one."""
    with pytest.raises(EnvironmentSpecError, match=r"numpy|at least one|exact|twice"):
        parse_spec(wrong)


FILES = {
    "requirements.txt": """
        # what we run
        numpy==2.2.6 \\
            --hash=sha256:b0b5397374f32ec0649dd98c652a1798192042e715df918c20672c62fb52d4b8
        jax[cuda13]==0.6.2   # pinned
        git+https://example.invalid/somebody/thing.git
        ./ours
        --index-url https://example.invalid
        numpydoc==1.8
        scipy==1.15.0; sys_platform == "nowhere"
    """,
    "pylock.toml": """
        lock-version = "1.0"
        [[packages]]
        name = "numpy"
        version = "2.2.6"
        [[packages]]
        name = "requests"
        version = "2.0"
    """,
    "uv.lock": """
        version = 1
        [[package]]
        name = "jax"
        version = "0.6.2"
        resolution-markers = ["python_full_version >= '3.11'", "sys_platform == 'nowhere'"]
        [[package]]
        name = "jax"
        version = "0.4.30"
        resolution-markers = ["python_full_version < '3.11'"]
        [[package]]
        name = "my-own"
        source = { editable = "." }
    """,
}


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("requirements.txt", "numpy==2.2.6,jax[cuda13]==0.6.2"),
        ("pylock.toml", "numpy==2.2.6"),
        ("uv.lock", "jax==0.6.2"),
    ],
)
def test_of_a_file_what_decides_speed_is_taken(tmp_path, name, asked):
    """Hashes, options, comments, other packages and markers that do not hold are left out."""
    path = tmp_path / name
    path.write_text("\n".join(line.strip() for line in FILES[name].splitlines()))
    assert spec_of_file(path).name == asked
    assert read_spec(str(path)) == spec_of_file(path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("requests==2.0", "asks for neither numpy nor jax"),
        ("numpy=2", "'numpy=2' is not a requirement"),
        ('[[package]]\nname = "numpy', "cannot read"),
    ],
)
def test_a_file_without_what_is_measured_is_refused(tmp_path, text, why):
    """With its name."""
    path = tmp_path / "some.lock"
    path.write_text(text)
    with pytest.raises(EnvironmentSpecError, match=why) as raised:
        spec_of_file(path)
    assert "some.lock" in str(raised.value)


def test_a_file_may_name_others(tmp_path):
    """By `-r`, from where it lies; one that is missing is an error."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "more.txt").write_text("jax==0.6.2\n")
    (tmp_path / "base" / "base.txt").write_text("-r more.txt\n")
    path = tmp_path / "requirements.txt"
    path.write_text("numpy==2.2.6\n-r base/base.txt  # what all need\n")
    assert spec_of_file(path).name == "numpy==2.2.6,jax==0.6.2"
    path.write_text("numpy==2.2.6\n-r gone.txt\n")
    with pytest.raises(EnvironmentSpecError, match=r"gone\.txt"):
        spec_of_file(path)


def test_an_extra_is_added_to_what_is_asked_for():
    """On a machine with an accelerator; a spec without JAX stays as it is."""
    assert with_extra(parse_spec("numpy,jax[k8s]==0.9.2"), "jax", "cuda13").name == "numpy,jax[cuda13,k8s]==0.9.2"
    assert with_extra(parse_spec("numpy"), "jax", "cuda13").name == "numpy"
    with pytest.raises(EnvironmentSpecError, match="not an extra"):
        with_extra(parse_spec("numpy,jax"), "jax", "cuda13]==1")
