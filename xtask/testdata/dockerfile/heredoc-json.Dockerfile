FROM scratch
RUN ["echo", "<<EOF"]
RUN ["echo", '<<EOF']
LABEL a=<<EOF
