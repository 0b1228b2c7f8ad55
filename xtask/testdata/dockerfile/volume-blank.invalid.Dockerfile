FROM scratch
VOLUME ["a", " "]
