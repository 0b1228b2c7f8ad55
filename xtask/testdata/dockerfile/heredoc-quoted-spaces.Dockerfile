FROM scratch
RUN cat <<"a b" >/x
q
a b
LABEL a=b
