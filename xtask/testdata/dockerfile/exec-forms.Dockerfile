FROM scratch
RUN []
CMD ["a" , "\u00e9\n"]
ENTRYPOINT []
RUN ["a", 'b']
RUN ["a",]
RUN [ "a" ] && b
VOLUME ["/a", "/b"]
SHELL ["sh", "-c"]
COPY ["a b", "c d/"]
HEALTHCHECK CMD ["x"]
CMD
RUN
