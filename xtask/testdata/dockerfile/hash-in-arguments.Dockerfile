FROM scratch
RUN echo # x
ENV a=#b
#RUN x
   #RUN y
LABEL a=b
