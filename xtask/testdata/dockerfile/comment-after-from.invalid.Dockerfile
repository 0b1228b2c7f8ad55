FROM scratch # no comment
