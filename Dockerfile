# condabot as a service. Data are in /var/lib/condabot, settings in docs/settings.md. Nothing else is written but /tmp, so
# the rest may be read-only (compose.yaml).
#
# The workflow that publishes the image looks up the digest of this tag, builds from that, and records it in the image's
# provenance (.github/workflows/image.yml).
ARG PYTHON=python:3.11-slim-bookworm
FROM ${PYTHON} AS build
WORKDIR /source
COPY pyproject.toml hatch_build.py README.md LICENSE ./
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
    CONDABOT_PORT=8000 \
    CONDABOT_HEALTH_PORT=8001
USER 10001
VOLUME /var/lib/condabot
EXPOSE 8000 8001
# Right for `serve`, `worker` and `all`: each process says where it answers, and one that died is missed.
HEALTHCHECK --start-period=30s CMD ["condabot", "health"]
ENTRYPOINT ["condabot"]
CMD ["all"]
