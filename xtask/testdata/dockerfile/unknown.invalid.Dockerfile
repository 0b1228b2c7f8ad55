FROM scratch
INCLUDE x
