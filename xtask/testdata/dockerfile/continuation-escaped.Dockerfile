FROM scratch
RUN x \\
RUN y \\\
LABEL a=b
