#!/usr/bin/env docker
# a comment
FROM scratch AS a
