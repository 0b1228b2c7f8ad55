FROM scratch
RUN --mount=from=$x,target=/a x
