FROM scratch AS a
LABEL ключ="значение" 한=국
RUN echo “x”    y
ENV a=é b=c
COPY --chown=ü:ö à ß
