"""The words that say what a workload is for: its family, what it stresses, whose situation it stands for."""

from __future__ import annotations

#: What kind of computation it is. A workload has one; the order is that of the documentation.
FAMILIES = {
    "elementwise": "Chains of elementwise operations, and masks",
    "reduction": "Sums, normalisations and running sums",
    "linear_algebra": "Products, decompositions and solves",
    "stencil": "Stencils with a time loop, and convolutions",
    "spectral": "Fourier transforms",
    "pairwise": "Everything with everything: distances, clusters, forces",
    "sequential": "Recurrences, in which each step needs the one before",
    "irregular": "Sorting, searching, gathering and scattering",
    "random": "Random numbers",
    "dispatch": "Calls so small that only their number counts",
    "gradient": "Derivatives: by hand in NumPy, by `grad` in JAX",
    "adoption": "What a NumPy user has to write differently",
    "own": "Brought along, not shipped",
}

#: What decides how long it takes. A workload has one or more.
STRESSES = {
    "dispatch": "what a call costs before it computes anything",
    "fusion": "intermediate arrays that a compiler can leave out",
    "bandwidth": "reading and writing memory",
    "arithmetic": "additions and multiplications",
    "transcendental": "exponentials, logarithms, sines",
    "blas": "a tuned matrix product",
    "lapack": "a tuned decomposition",
    "fft": "a tuned Fourier transform",
    "loop": "steps that must be taken one after the other",
    "branches": "different work for different elements",
    "indexing": "reads and writes at places that are data",
    "sorting": "comparing and moving",
    "random_numbers": "the generator itself",
    "autodiff": "what a derivative costs on top of its function",
    "batching": "one function over many examples",
    "mutation": "changing a part of an array",
    "dynamic_shape": "results whose size depends on data",
    "compile": "the first call",
    "debugging": "running without being compiled",
}

#: The situations of the article's decision matrix. A workload counts as evidence for one or more.
SITUATIONS = {
    "one_off": "one-off numerical scripts and utilities",
    "cpu_first": "CPU-first scientific or data-processing workflows",
    "gradients": "gradient-based optimisation or training steps",
    "fixed_shape": "repeated fixed-shape compute where compile cost can amortise",
    "debuggability": "teams that want to debug easily and carry little framework",
    "transformability": "teams that want transformations and accelerators",
}
