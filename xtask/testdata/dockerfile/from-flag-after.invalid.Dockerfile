FROM scratch --platform=linux/amd64
