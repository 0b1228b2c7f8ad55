FROM scratch AS a
RUN <<A cat >/x && 3<<-'B' cat
$x
A
	b
	B
COPY <<one <<"two" /d/
FROM no
one
# two
two
ADD <<\three /e
x
three
ONBUILD RUN <<E
FROM inside
E
FROM a AS b
