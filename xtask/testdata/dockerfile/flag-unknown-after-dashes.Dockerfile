FROM scratch
RUN --network=host -- --what
