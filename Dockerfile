FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" \
    -o /out/ ./cmd/worker ./cmd/enqueue \
    && mkdir /out/outbox

# No shell, no package manager: CA certificates, time zones, a user and /tmp.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/worker /out/enqueue /
# The file backend's ./outbox; a volume that is put there gets its owner.
COPY --from=build --chown=65532:65532 /out/outbox /home/nonroot/outbox
WORKDIR /home/nonroot
# By number, so that an orchestrator can see that it is not root.
USER 65532:65532
# Lives, not can work: a worker that waits for Redis must not be replaced.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["/worker", "check", "--live"]
ENTRYPOINT ["/worker"]
CMD ["run"]
