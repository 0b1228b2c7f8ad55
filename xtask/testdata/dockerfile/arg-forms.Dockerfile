ARG a b= c="d e" d=$a
ARG a
FROM scratch
ARG --x=y a=b c
ARG "q r"=s
