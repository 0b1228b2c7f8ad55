FROM scratch
RUN echo "<<EOF" '<<EOF' x<<EOF <<<EOF $((1<<2))
COPY a b
