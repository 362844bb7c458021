"""The quote service: binding prices with their commission, exact to the cent."""
