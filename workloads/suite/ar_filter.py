"""Second-order autoregressive filter of n samples: y[t] = 1.6 y[t-1] - 0.8 y[t-2] + x[t].

Each sample needs the two before it, so NumPy has nothing to vectorise: its user loops over Python floats, which are
double precision and rounded at the end. `jax_jit` scans, `jax_jit_unrolled` takes 16 steps a round, and
`jax_jit_associative` writes a step as a 2 x 2 matrix and an offset and combines them in a tree, which is several times
the arithmetic but parallel. We expect `scan` to win on a CPU from some hundred steps on, since a Python step costs
more than a compiled one; on a GPU each step of a scan is a launch, and we expect the tree alone to be of use.
"""

import numpy as np

from workloads.workload import Work, Workload

LAST, BEFORE = 1.6, -0.8

workload = Workload(
    version=1,
    family="sequential",
    stresses=("loop",),
    situations=("cpu_first", "transformability"),
    cases=[
        {"n": n, "dtype": dtype}
        for dtype in ("float32", "float64")
        for n in (16, 128, 1_024, 8_192, 65_536, 524_288, 4_194_304)
    ],
)


@workload.inputs
def noise(rng, n, dtype):
    return (rng.standard_normal(n, dtype=dtype),)


@workload.work
def work(n, dtype):
    return Work(flops=4 * n, bytes_moved=2 * n * np.dtype(dtype).itemsize)


@workload.variant("numpy")
def with_numpy():
    def filtered(samples):
        last = before = 0.0
        result = []
        for sample in samples.tolist():
            last, before = LAST * last + BEFORE * before + sample, last
            result.append(last)
        return np.array(result, dtype=samples.dtype)

    return filtered


def step(values, sample):
    """One step of a scan."""
    last, before = values
    value = LAST * last + BEFORE * before + sample
    return (value, last), value


@workload.variant("jax_eager", "jax_jit", requires=["jax"])
def with_scan():
    import jax.numpy as jnp
    from jax import lax

    def filtered(samples):
        zero = jnp.zeros((), samples.dtype)
        return lax.scan(step, (zero, zero), samples)[1]

    return filtered


@workload.variant("jax_jit_unrolled", requires=["jax"])
def with_unrolled_scan():
    import jax.numpy as jnp
    from jax import lax

    def filtered(samples):
        zero = jnp.zeros((), samples.dtype)
        return lax.scan(step, (zero, zero), samples, unroll=16)[1]

    return filtered


@workload.variant("jax_jit_associative", requires=["jax"])
def with_tree():
    import jax.numpy as jnp
    from jax import lax

    def both(earlier, later):
        # the matrices ((a, b), (c, d)) and the offsets (x, y), number by number: no 2 x 2 matrix product to call
        a, b, c, d, x, y = earlier
        e, f, g, h, u, v = later
        product = e * a + f * c, e * b + f * d, g * a + h * c, g * b + h * d
        return (*product, e * x + f * y + u, g * x + h * y + v)

    def filtered(samples):
        last, before, one, zero = (jnp.full_like(samples, value) for value in (LAST, BEFORE, 1, 0))
        return lax.associative_scan(both, (last, before, one, zero, samples, zero))[4]

    return filtered
