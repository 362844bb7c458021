"""OFREP: feature flags for any OpenFeature SDK.

Source: docs/spec/ofrep.md.
"""
