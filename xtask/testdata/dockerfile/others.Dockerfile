FROM scratch
USER  a b : c
WORKDIR a b
STOPSIGNAL --x SIGTERM
EXPOSE 80 1.2.3.4:80:80 ${P:-80}/tcp x/y
VOLUME a b
MAINTAINER  me  <a@b>
LABEL a=b
