FROM scratch
RUN <<EOF
echo
 EOF
