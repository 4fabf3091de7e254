# condabot as a service. Data are in /var/lib/condabot, settings in docs/settings.md. Nothing else is written but /tmp, so
# the rest may be read-only (compose.yaml).
#
# The workflow that publishes the image looks up the digest of this tag, builds from that, and records it in the image's
# provenance (.github/workflows/image.yml).
ARG PYTHON=python:3.11-slim-bookworm
FROM ${PYTHON} AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY docker/install.sh docker/requirements.txt docker/build.txt docker/
COPY bot bot
RUN sh docker/install.sh . /opt/condabot

FROM ${PYTHON}
# PostgreSQL starts only for a user who has a name.
RUN useradd --uid 10001 --home-dir /var/lib/condabot --create-home condabot
COPY --from=build /opt/condabot /opt/condabot
ENV PATH=/opt/condabot/bin:$PATH \
    CONDABOT_CACHE_DIR=/var/lib/condabot/cache \
    CONDABOT_DATA_DIR=/var/lib/condabot/data \
    CONDABOT_HOST=0.0.0.0 \
    CONDABOT_PORT=8000
USER 10001
VOLUME /var/lib/condabot
EXPOSE 8000
HEALTHCHECK --start-period=30s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=5)"]
ENTRYPOINT ["condabot"]
CMD ["serve"]
