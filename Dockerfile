# syntax=docker/dockerfile:1
# The same Debian and Python as below, with a C compiler. Nothing of it gets into the image but the environment.
FROM python:3.11-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements-build.lock requirements-runtime.lock ./
# Every package is checked by its hash, and none is built here but ours. What builds has an environment of its own, with what
# serves too, whose types the compiler reads; the one that serves has no pip.
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock -r requirements-runtime.lock \
    && python -m venv --without-pip /opt/quote-service \
    && /opt/build/bin/pip --python /opt/quote-service/bin/python install --require-hashes --only-binary :all: -r requirements-runtime.lock
COPY pyproject.toml README.md ./
COPY deploy/build_hook.py deploy/compile_package.py ./deploy/
COPY migrations ./migrations
COPY quote_service ./quote_service
# The wheel of `make compiled`: the quote path as machine code. Where compiling fails there is no image.
RUN QUOTE_COMPILE=1 /opt/build/bin/python -m hatchling build -t wheel -d /wheels \
    && /opt/build/bin/pip --python /opt/quote-service/bin/python install --no-deps --no-index /wheels/*.whl \
    && /opt/quote-service/bin/python -m compileall -q /opt/quote-service/lib

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="quote-service" \
      org.opencontainers.image.description="Binding, explained, signed price quotes with commission, exact to the cent."
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin quote
COPY --from=build /opt/quote-service /opt/quote-service
ENV PATH=/opt/quote-service/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    QUOTE_HOST=0.0.0.0 \
    QUOTE_METRICS_HOST=0.0.0.0 \
    QUOTE_PORT=8000
USER 10001:10001
EXPOSE 8000
# Liveness alone: a service that is draining or waits for its database must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"QUOTE_PORT\"]}/health/live', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["quote-service"]
CMD ["serve"]
