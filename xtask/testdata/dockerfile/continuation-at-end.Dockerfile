FROM scratch
RUN x \
