FROM --from=x scratch
