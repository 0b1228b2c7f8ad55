FROM scratch
HEALTHCHECK --interval=1m30.5s --timeout=.5s --start-period=0 --start-interval=1h --retries=+3 CMD curl x || exit 1
HEALTHCHECK none
HEALTHCHECK --what NONE
HEALTHCHECK  cMd   x
HEALTHCHECK --interval= CMD x
HEALTHCHECK --retries=0 CMD x
