"""OFREP: feature flags for any OpenFeature SDK."""
