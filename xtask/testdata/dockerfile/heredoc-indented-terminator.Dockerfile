FROM scratch
RUN <<-EOF
		echo
		EOF
RUN <<EOF;
x
EOF;
FROM scratch AS z
