FROM scratch AS a
FROM scratch AS A
FROM a AS scratch
FROM scratch AS context
