"""What decides a price, all of it pure: the same arguments give the same quote."""
