FROM scratch
COPY --what a b
