FROM scratch
RUN echo it's <<EOF
COPY a b
