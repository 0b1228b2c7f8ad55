FROM scratch
RUN --mount=type=wat,colour=red,required x
RUN --mount=FROM=x,target=/$A$ x
RUN --mount=, x
