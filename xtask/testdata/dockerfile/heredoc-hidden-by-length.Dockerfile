FROM scratch
RUN echo ${#x} <<EOF
COPY a b
