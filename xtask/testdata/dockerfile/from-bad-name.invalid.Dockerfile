FROM scratch AS 1a
