"""What it means: pure functions on figures. No input, no output, no clock."""
