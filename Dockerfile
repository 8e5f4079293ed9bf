FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches outlive the layer, the target folder with them: hence the copy.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,id=natterjack-target,target=/src/target \
    cargo build --release --locked --bin natterjack \
    && cp target/release/natterjack /usr/local/bin/natterjack

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home natterjack \
    && install -d -o natterjack -g natterjack /data
COPY --from=build /usr/local/bin/natterjack /usr/local/bin/natterjack
USER natterjack
ENV NATTERJACK_DATA_DIR=/data NATTERJACK_LISTEN=0.0.0.0:8000
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["natterjack"]
CMD ["serve"]
