"""Flash sales in the Redis that holds stock: one hash tag an item, one function a step."""
