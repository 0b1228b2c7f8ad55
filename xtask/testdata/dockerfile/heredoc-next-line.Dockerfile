FROM scratch
RUN <<EOF
echo
EOF
RUN <<EOF
EOF
# comment
RUN cat <<EOF | \
 # in between
 sh
RUN not
EOF
COPY a b
