# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/quote-service
COPY requirements-runtime.lock ./
RUN /opt/quote-service/bin/pip install --require-hashes --only-binary :all: -r requirements-runtime.lock
COPY pyproject.toml README.md ./
COPY migrations ./migrations
COPY quote_service ./quote_service
RUN /opt/quote-service/bin/pip install --no-deps . \
    && /opt/quote-service/bin/python -m compileall -q /opt/quote-service/lib

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="quote-service" \
      org.opencontainers.image.description="Binding, explained, signed price quotes with commission, exact to the cent."
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin quote
COPY --from=build /opt/quote-service /opt/quote-service
ENV PATH=/opt/quote-service/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    QUOTE_HOST=0.0.0.0 \
    QUOTE_PORT=8000
USER 10001:10001
EXPOSE 8000
# Liveness alone: a service that is draining or waits for its database must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"QUOTE_PORT\"]}/health/live', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["quote-service"]
CMD ["serve"]
