FROM scratch
CMD --x y
