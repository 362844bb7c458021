# syntax=docker/dockerfile:1
# Three images: what serves, and is built unless `--target` says otherwise; `intelligence`, for workers, with what watches
# prices and analyses the market (DuckDB); `spark`, with Apache Spark and Java besides.
#
# The same Debian and Python as below, with a C compiler. Nothing of it gets into an image but the environment.
FROM python:3.11-bookworm AS build
ENV UV_NO_CACHE=1
WORKDIR /build
COPY pyproject.toml uv.lock ./
COPY deploy/make-venv deploy/install_packages.py ./deploy/
# Every package is checked by its hash, and none is built here but ours. What builds has an environment of its own, with what
# serves too, whose types the compiler reads; the one that serves has no installer.
RUN export UV_NO_BUILD=1 \
    && sh deploy/make-venv /opt/build \
    && /opt/build/bin/python deploy/install_packages.py --extra kafka --group build \
    && python -m venv --without-pip /opt/quote-service \
    && /opt/build/bin/python deploy/install_packages.py --extra kafka --into /opt/quote-service/bin/python
COPY README.md ./
COPY deploy/build_hook.py deploy/compile_package.py ./deploy/
COPY migrations ./migrations
COPY quote_service ./quote_service
# The wheel of `make compiled`: the quote path as machine code. Where compiling fails there is no image.
RUN QUOTE_COMPILE=1 /opt/build/bin/python -m hatchling build -t wheel -d /wheels \
    && /opt/build/bin/uv pip install --python /opt/quote-service/bin/python --no-deps --no-index /wheels/*.whl \
    && /opt/quote-service/bin/python -m compileall -q /opt/quote-service/lib

FROM build AS build-intelligence
# One package, jstyleson, of pure Python, has no wheel.
RUN /opt/build/bin/python deploy/install_packages.py --extra kafka --extra intelligence --into /opt/quote-service/bin/python

FROM build-intelligence AS build-spark
# Apache Spark itself has none either: its archives are Java's, and nothing of it is compiled.
RUN /opt/build/bin/python deploy/install_packages.py --only-group spark --into /opt/quote-service/bin/python

FROM python:3.11-slim-bookworm AS base
LABEL org.opencontainers.image.title="quote-service" \
      org.opencontainers.image.description="Binding, explained, signed price quotes with commission, exact to the cent."
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin quote \
    && install -d -o 10001 -g 10001 /var/lib/quote-service
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

FROM base AS intelligence
COPY --from=build-intelligence /opt/quote-service /opt/quote-service

# The driver of Spark, and its masters and executors too: all of them have to have the same Python and the same packages.
FROM base AS spark
USER root
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openjdk-17-jre-headless procps \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build-spark /opt/quote-service /opt/quote-service
ENV SPARK_HOME=/opt/quote-service/lib/python3.11/site-packages/pyspark \
    PYSPARK_PYTHON=/opt/quote-service/bin/python
USER 10001:10001

FROM base AS serving
COPY --from=build /opt/quote-service /opt/quote-service
