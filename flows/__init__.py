"""When and where: what is measured tonight, on which machine, in which order. No arithmetic, no SQL, no clock."""
