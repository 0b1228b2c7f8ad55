# escape=`
FROM scratch AS w`
in
ENV A=`"x` y`" B=C:\
COPY --chown=a`"b a `
  b
FROM win AS b
