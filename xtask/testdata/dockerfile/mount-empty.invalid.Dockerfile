FROM scratch
RUN --mount= x
