FROM scratch
COPY --from=0 --link --chown=1:1 --chmod=u+x,"go-w" --exclude=*.a --exclude="b c" a b
ADD --link=FALSE --keep-git-dir=true --checksum=sha256:x a b
RUN --mount=type=cache,target=/x,"id=a,b" --mount=from=a,target=$Y --network=none x
COPY -- --a b
COPY --chown= a b
RUN -- --mount=x
COPY --link a --b c
