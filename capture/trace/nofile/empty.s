// Functions without a body are only allowed beside assembly.
