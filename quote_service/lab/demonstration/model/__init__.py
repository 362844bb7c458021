"""The market itself: goods, rivals, shoppers and days. Nothing here asks a server.

Source: docs/spec/demonstration.md#the-market.
"""
