"""The benchmark suite that asv runs at either commit."""
