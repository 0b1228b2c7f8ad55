FROM scratch
RUN ["a", ["b", {"c": null}]]
