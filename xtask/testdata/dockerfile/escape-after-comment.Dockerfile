# hello
# escape=`
FROM scratch AS a
RUN b `
ENV C=d
