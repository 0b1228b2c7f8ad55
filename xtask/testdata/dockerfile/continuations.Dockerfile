FROM scratch AS a
RUN one \

  # comment

  two \   
	three \
# last

COPY a\
b \
 c
R\
U\
N x
FROM a
