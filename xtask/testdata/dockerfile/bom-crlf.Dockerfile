FROM scratch AS a
COPY a \
  b

FROM a
